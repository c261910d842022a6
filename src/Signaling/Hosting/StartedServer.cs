using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Comms.Signaling.Hosting;

/// <summary>Starts the built server, says where it is, waits for the end and stops it.</summary>
public static class StartedServer
{
    public static async Task RunAsync(WebApplication app)
    {
        await app.StartAsync();
        await app.Services.GetRequiredService<FirstStart>().RunAsync(CancellationToken.None);
        ReadyReport report = Describe(app);
        report.Write(app.Services.GetRequiredService<DataFolder>().ReadyFile);
        StartupText.Print(report, app.Services);
        var life = app.Services.GetRequiredService<IHostApplicationLifetime>();
        life.ApplicationStopping.Register(() => Console.WriteLine("stopping 正在停止"));
        life.ApplicationStopped.Register(() => Console.WriteLine("stopped 已停止"));
        await app.WaitForShutdownAsync();
    }

    private static ReadyReport Describe(WebApplication app)
    {
        ServerInstance instance = app.Services.GetRequiredService<ServerInstance>();
        var bound = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Select(address => BindingAddress.Parse(address)).ToArray();
        int http = bound.FirstOrDefault(address => address.Scheme == "http")?.Port ?? 0;
        int https = bound.FirstOrDefault(address => address.Scheme == "https")?.Port ?? 0;
        return new ReadyReport
        {
            Pid = Environment.ProcessId,
            Instance = instance.Id,
            Version = ServerInstance.Version,
            StartedAt = instance.StartedAt,
            HttpPort = http,
            HttpsPort = https,
            Ports = app.Services.GetServices<ListenerPort>().ToDictionary(port => port.Name, port => port.Port()),
            Urls = Urls(app.Services.GetRequiredService<HttpOptions>(), http, https),
        };
    }

    private static string[] Urls(HttpOptions options, int http, int https)
    {
        IEnumerable<IPAddress> addresses = KestrelSetup.IsEveryAddress(options.HttpsAddress)
            ? LocalAddresses.Find().Where(address => !IPAddress.IsLoopback(address))
            : KestrelSetup.Parse(options.HttpsAddress);
        return [$"http://localhost:{http}/", .. addresses.Select(address => $"https://{new IPEndPoint(address, https)}/")];
    }
}

/// <summary>A listener besides HTTP, for the ready file: its name and, once started, its port.</summary>
public sealed record ListenerPort(string Name, Func<int> Port);
