using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Comms.Interop.Tests.Cameras;

/// <summary>An HTTP server on a free port that serves streams made by ffmpeg for each caller, and the files of a folder.</summary>
internal sealed class StreamServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private StreamServer(WebApplication app)
    {
        _app = app;
        Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    public string Url { get; }

    public static async Task<StreamServer> StartAsync(string folder)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(context => context.Request.Path.Value switch
        {
            "/live.flv" => PlayAsync(context, () => StreamSource.StartH264("-f", "flv", "pipe:1")),
            "/live.ts" => PlayAsync(context, () => StreamSource.StartH264("-f", "mpegts", "pipe:1")),
            "/hevc.ts" => PlayAsync(context, () => StreamSource.StartH265("-f", "mpegts", "pipe:1")),
            var path => SendFileAsync(context, Path.Combine(folder, Path.GetFileName(path)!)),
        });
        await app.StartAsync();
        return new StreamServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static async Task PlayAsync(HttpContext context, Func<StreamSource> start)
    {
        using var source = start();
        try
        {
            await source.Output.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
            // The relay went away.
        }
    }

    private static async Task SendFileAsync(HttpContext context, string file)
    {
        if (!File.Exists(file))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await context.Response.Body.WriteAsync(await File.ReadAllBytesAsync(file));
    }
}
