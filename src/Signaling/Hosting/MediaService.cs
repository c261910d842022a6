using System.Net;
using System.Net.Sockets;
using Comms.Media.Node;
using Comms.Media.Node.Streams;

namespace Comms.Signaling.Hosting;

/// <summary>Starts the media node with the host, and ends its sessions, loops and relays before the store closes.</summary>
public sealed class MediaService(MediaNode node, MediaOptions options, IStreamGuard guard) : IHostedService
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
        OpenStreams();
        node.Start();
        return Task.CompletedTask;
    }

    private void OpenStreams()
    {
        if (options.RtspPort < 0) return;
        try
        {
            node.OpenStreams(new IPEndPoint(IPAddress.Parse(options.RtspAddress), options.RtspPort), guard);
        }
        catch (SocketException fault)
        {
            throw new StartException($"RTSP port {options.RtspPort}: {fault.Message}. Set Media:RtspPort or Media:RtspAddress.");
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await node.DisposeAsync();
}
