using Comms.Media.Node;

namespace Comms.Signaling.Hosting;

/// <summary>Starts the media node with the host, and ends its sessions, loops and relays before the store closes.</summary>
public sealed class MediaService(MediaNode node) : IHostedService
{
    /// <summary>Makes the node; says which key to change when its port is taken.</summary>
    public static MediaNode Create(IServiceProvider services)
    {
        try
        {
            return new MediaNode(services.GetRequiredService<MediaOptions>(), services.GetRequiredService<ILoggerFactory>());
        }
        catch (IOException fault)
        {
            throw new StartException($"{fault.Message} Set Media:MediaPort or Media:BindAddresses.");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        node.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await node.DisposeAsync();
}
