using Comms.Grains;
using Comms.Grains.Contracts;
using Comms.Signaling.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Comms.Signaling.Tests.Store;

/// <summary>A real silo on a real store, without any media: what the store tests start and stop.</summary>
internal sealed class StoreServer : IAsyncDisposable
{
    private readonly IHost _host;

    private StoreServer(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IDirectoryIndex Index => _host.Services.GetRequiredService<IDirectoryIndex>();

    public StoreConnection Connection => _host.Services.GetRequiredService<StoreConnection>();

    public IJournal Journal => _host.Services.GetRequiredService<IJournal>();

    public static async Task<StoreServer> StartAsync(StoreOptions options)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddConsole();
        builder.AddCommsSilo(options);
        IHost host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new StoreServer(host);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
