using Comms.Media.Fanout;
using Comms.Media.Ice;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Wire;
using Comms.Media.Wire.Stun;

namespace Comms.Media.Node;

/// <summary>Takes the datagrams of one learned remote address.</summary>
internal interface IPathOwner
{
    void HandleDatagram(DatagramKind kind, Span<byte> datagram, in NetworkPath path, Instant now);
}

/// <summary>
/// The media port of one local address on one loop. STUN finds its session by the routing id in the user name; everything else by
/// its remote address, which only an authenticated check puts into the table. A session owned by another loop (its peer checks
/// from several ports, or a NAT gave it a new one) gets its datagrams carried there, and that is counted.
/// </summary>
internal sealed class MediaPort : IDatagramReceiver, IFrameReceiver
{
    private readonly MediaLoop _loop;
    private readonly int _address;
    private readonly Dictionary<TransportAddress, IPathOwner> _paths = [];
    private readonly byte[] _carried = new byte[FrameLimits.MaxPayloadBytes];
    private long _handedOver;

    public MediaPort(MediaLoop loop, int address, System.Net.IPEndPoint local, UdpSocketOptions options)
    {
        _loop = loop;
        _address = address;
        Socket = new UdpSocket(loop.Events, loop.Receive, this, loop.Drops, local, options);
    }

    public UdpSocket Socket { get; }

    /// <summary>Datagrams carried to the loop that owns their session.</summary>
    public long HandedOver => Volatile.Read(ref _handedOver);

    public void OnDatagram(UdpSocket socket, Span<byte> datagram, in TransportAddress from, Instant now) =>
        Handle(datagram, from, _loop.Events.Index, now);

    /// <summary>A datagram that another loop's socket received. The header carries the remote address.</summary>
    public void OnFrame(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        var from = new TransportAddress((ulong)header.Number, (ulong)header.Epoch, header.Sequence, header.Timestamp);
        payload.CopyTo(_carried);
        Handle(_carried.AsSpan(0, payload.Length), from, header.Kind, now);
    }

    /// <summary>An authenticated check of the session came from this address, by the socket of <paramref name="viaLoop"/>.</summary>
    public void LearnPath(in TransportAddress remote, WebRtcLoopSession session, int viaLoop)
    {
        _paths[remote] = session;
        if (viaLoop == _loop.Events.Index) return;
        var (other, address) = (_loop.Node.Loops[viaLoop].Ports[_address], remote);
        _loop.Node.Loops[viaLoop].Events.Post(_ => other._paths[address] = new ForeignPath(other, this));
    }

    public void ForgetPath(in TransportAddress remote, WebRtcLoopSession session, int viaLoop)
    {
        if (_paths.TryGetValue(remote, out var owner) && ReferenceEquals(owner, session)) _paths.Remove(remote);
        if (viaLoop == _loop.Events.Index) return;
        var (other, address) = (_loop.Node.Loops[viaLoop].Ports[_address], remote);
        _loop.Node.Loops[viaLoop].Events.Post(_ => other.ForgetForeign(address, this));
    }

    private void Handle(Span<byte> datagram, in TransportAddress from, int viaLoop, Instant now)
    {
        var kind = DatagramDemultiplexer.Classify(datagram);
        var path = new NetworkPath(PathTransport.Udp, Socket.Local, from);
        if (kind == DatagramKind.Stun) HandleStun(datagram, path, viaLoop, now);
        else if (kind == DatagramKind.Unknown) _loop.Drops.Count(DropReason.Malformed);
        else if (_paths.TryGetValue(from, out var owner) && (viaLoop == _loop.Events.Index || owner is WebRtcLoopSession))
            owner.HandleDatagram(kind, datagram, path, now);
        else _loop.Drops.Count(DropReason.ForeignSource);
    }

    private void HandleStun(Span<byte> datagram, in NetworkPath path, int viaLoop, Instant now)
    {
        if (!StunMessage.TryParse(datagram, out var message))
        {
            _loop.Drops.Count(DropReason.Malformed);
            return;
        }

        if (!IceCredentials.TryReadRoutingId(message.Username, out long id) || !_loop.Node.Sessions.TryFind(id, out var entry))
        {
            _loop.Drops.Count(DropReason.UnknownSession);
            return;
        }

        var owner = entry.Loop ?? Claim(entry, message, now);
        if (owner == _loop)
        {
            if (entry.Session is WebRtcLoopSession { IsEnded: false } session) session.HandleStun(message, path, this, viaLoop, now);
        }
        else if (owner is not null && viaLoop == _loop.Events.Index)
        {
            HandOver(owner.Ports[_address], datagram, path.Remote);
        }
        else
        {
            _loop.Drops.Count(DropReason.UnknownSession);
        }
    }

    /// <summary>The first valid check makes this loop the session's owner. Null: the check is not valid or the session is closed.</summary>
    private MediaLoop? Claim(SessionEntry entry, in StunMessage message, Instant now)
    {
        if (!entry.IsAuthentic(message)) return null;
        if (!entry.TryClaim(_loop)) return entry.Loop;
        _loop.Adopt(entry, now);
        return _loop;
    }

    private void HandOver(MediaPort owner, ReadOnlySpan<byte> datagram, in TransportAddress from)
    {
        var header = new FrameHeader
        {
            Kind = _loop.Events.Index, Number = (long)from.High, Epoch = (long)from.Low, Sequence = from.Port, Timestamp = from.ScopeId,
        };
        Volatile.Write(ref _handedOver, _handedOver + 1);
        if (!_loop.Carrier.TryCarry(owner._loop.Events.Index, owner, header, datagram)) _loop.Drops.Count(DropReason.RingFull);
    }

    private void ForgetForeign(in TransportAddress remote, MediaPort owner)
    {
        if (_paths.TryGetValue(remote, out var path) && path is ForeignPath foreign && foreign.Owner == owner) _paths.Remove(remote);
    }

    /// <summary>A remote address whose session lives on another loop.</summary>
    private sealed class ForeignPath(MediaPort here, MediaPort owner) : IPathOwner
    {
        public MediaPort Owner => owner;

        public void HandleDatagram(DatagramKind kind, Span<byte> datagram, in NetworkPath path, Instant now) =>
            here.HandOver(owner, datagram, path.Remote);
    }
}
