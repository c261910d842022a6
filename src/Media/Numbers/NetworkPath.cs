namespace Comms.Media.Numbers;

/// <summary>How bytes travel on a path. ICE-TCP is RFC 6544 with the framing of RFC 4571.</summary>
public enum PathTransport : byte
{
    Udp,
    Tcp,
}

/// <summary>One 5-tuple as seen from this node: the transport, our address and the peer's.</summary>
public readonly record struct NetworkPath(PathTransport Transport, TransportAddress Local, TransportAddress Remote);
