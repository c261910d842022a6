using System.Net;
using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Media.Node.Streams;

/// <summary>
/// The RTSP port for strangers: they play any camera, or publish to one. Accepts on the first loop; each connection moves to the loop
/// that its camera lives on.
/// </summary>
internal sealed class StreamServer : IDisposable
{
    private readonly MediaNode _node;
    private readonly TcpListenerDescriptor _listener;

    /// <summary>Binds the port; throws <see cref="System.Net.Sockets.SocketException"/> when it is not to be had.</summary>
    public StreamServer(MediaNode node, IPEndPoint local, IStreamGuard guard)
    {
        _node = node;
        Guard = guard;
        _listener = new TcpListenerDescriptor(node.Loops[0].Events, local, Accept);
    }

    public MediaNode Node => _node;

    public IStreamGuard Guard { get; }

    public int Port => _listener.LocalEndPoint.Port;

    /// <summary>Before the loops start, or on the first loop.</summary>
    public void Attach() => _listener.Attach();

    /// <summary>The loop that a camera's main feed lives on.</summary>
    public MediaLoop LoopOf(string cameraId) => _node.Loops[_node.Feeds.HomeOf(cameraId).Loop.Index];

    /// <summary>On the first loop.</summary>
    public void Dispose() => _listener.Dispose();

    private void Accept(int descriptor, TransportAddress remote, Instant now) => _ = new StreamDoor(this, _node.Loops[0].Events, descriptor, remote, now);
}
