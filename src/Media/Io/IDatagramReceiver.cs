using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>Takes the datagrams of a socket, one by one, on the socket's loop.</summary>
public interface IDatagramReceiver
{
    /// <summary>The bytes may be changed in place (unprotecting) and are valid during the call only.</summary>
    void OnDatagram(UdpSocket socket, Span<byte> datagram, in TransportAddress from, Instant now);
}
