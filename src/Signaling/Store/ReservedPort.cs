using System.Net;
using System.Net.Sockets;

namespace Comms.Signaling.Store;

/// <summary>
/// A free TCP port that stays ours until someone of ours listens on it. The socket is bound with SO_REUSEADDR and never
/// listens: the kernel then gives the port to no other search for a free one, but lets the silo bind beside it.
/// </summary>
public sealed class ReservedPort : IDisposable
{
    private readonly Socket _holder = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public ReservedPort()
    {
        _holder.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _holder.Bind(new IPEndPoint(IPAddress.Any, 0));
        Port = ((IPEndPoint)_holder.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public void Dispose() => _holder.Dispose();
}
