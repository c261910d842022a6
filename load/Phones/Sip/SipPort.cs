using System.Text;
using Comms.Phones.Io;

namespace Comms.Phones.Sip;

/// <summary>One socket on every local address with its epoll: what all simulated SIP phones of a thread send and receive by.</summary>
internal sealed class SipPort : IDisposable
{
    private const int BatchesPerTurn = 16;
    private readonly Epoll _epoll = new();
    private readonly ReceiveBatch _receive = new();
    private readonly List<PhoneSocket> _sockets = [];

    /// <summary>A datagram that came on a socket, to a phone's address.</summary>
    public delegate void Arrival(int socket, uint address, ReadOnlySpan<byte> datagram, long arrivalRealtimeNs);

    public ushort Open()
    {
        var socket = new PhoneSocket();
        _epoll.Add(socket.Descriptor, (ulong)_sockets.Count, writable: false);
        _sockets.Add(socket);
        return socket.Port;
    }

    public long KernelDrops => _sockets.Sum(socket => socket.KernelDrops);

    public void Send(string message, uint source, Endpoint target)
    {
        SendBatch output = _sockets[0].Output;
        output.Commit(Encoding.Latin1.GetBytes(message, output.Reserve()), source, target);
    }

    public SendBatch Output(int socket) => _sockets[socket].Output;

    /// <summary>Sends what is kept, waits at most so long, hands over what came.</summary>
    public void Turn(int waitMs, Arrival arrived)
    {
        foreach (PhoneSocket socket in _sockets) socket.Output.Flush();
        int ready = _epoll.Wait(waitMs);
        for (int i = 0; i < ready; i++)
        {
            int at = (int)_epoll.Event(i, out _, out _);
            for (int batch = 0; batch < BatchesPerTurn; batch++)
            {
                int count = _receive.Receive(_sockets[at].Descriptor);
                for (int j = 0; j < count; j++)
                {
                    _receive.ReadControl(j, out uint destination, out long arrival);
                    arrived(at, destination, _receive.Payload(j), arrival);
                }

                if (count < ReceiveBatch.Capacity) break;
            }
        }
    }

    public void Dispose()
    {
        _sockets.ForEach(socket => socket.Dispose());
        _receive.Dispose();
        _epoll.Dispose();
    }
}
