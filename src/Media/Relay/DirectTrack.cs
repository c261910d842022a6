using System.Buffers.Binary;
using System.Net;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.Rtcp;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Relay;

/// <summary>Takes a track's RTP in order.</summary>
internal interface IDirectTrackOwner
{
    void HandleRtp(DirectTrack track, ReadOnlySpan<byte> packet, Instant now);
}

/// <summary>
/// One track of a camera pulled by us: what receiver reports say of it, and its UDP ports where the camera does not send over the
/// connection. On the feed's loop.
/// </summary>
internal sealed class DirectTrack(FeedLoop home, IDirectTrackOwner owner, int index) : IDatagramReceiver
{
    public const int MaxReportBytes = 64;

    private const int RtpHeaderBytes = 12;
    private const int TicksPerSecond = 90_000;

    private ReceiveStatistics _statistics;
    private bool _hasSource;
    private UdpPortPair? _ports;
    private RtpReorderQueue? _queue;
    private TransportAddress _camera;
    private TransportAddress _serverRtcp;

    /// <summary>0 is the video, 1 the sound.</summary>
    public int Index => index;

    /// <summary>Counts a packet for the next report. The packet path.</summary>
    public void Count(ReadOnlySpan<byte> packet, Instant now)
    {
        if (packet.Length < RtpHeaderBytes)
        {
            return;
        }

        var ssrc = BinaryPrimitives.ReadUInt32BigEndian(packet[8..]);
        if (!_hasSource || ssrc != _statistics.Ssrc)
        {
            _statistics = new ReceiveStatistics(ssrc, TicksPerSecond);
            _hasSource = true;
        }

        _statistics.OnPacket(BinaryPrimitives.ReadUInt16BigEndian(packet[2..]), BinaryPrimitives.ReadUInt32BigEndian(packet[4..]), now);
    }

    public void HandleRtcp(ReadOnlySpan<byte> packet, Instant now)
    {
        var reader = new CompoundReader(packet);
        while (reader.TryRead(out var part))
        {
            if (_hasSource && SenderReport.TryParse(part, out var report) && report.Ssrc == _statistics.Ssrc)
            {
                _statistics.OnSenderReport(report, now);
            }
        }
    }

    /// <summary>Writes a receiver report; 0 when nothing has come since the last. RFC 3550 §6.4.2.</summary>
    public int WriteReport(uint ssrc, Span<byte> buffer, Instant now)
    {
        if (!_hasSource || !_statistics.HasNews)
        {
            return 0;
        }

        var writer = new CompoundWriter(buffer);
        writer.AddReceiverReport(ssrc, [_statistics.TakeBlock(now)]);
        writer.AddSourceDescription(ssrc, "comms"u8);
        return writer.Length;
    }

    /// <summary>The RTP port of the pair, opened now or before; 0: there is none.</summary>
    public int OpenPorts(in TransportAddress camera)
    {
        _camera = camera;
        _ports ??= UdpPortPair.TryOpen(home.Loop, home.Receive, this, home.Drops, camera.IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any);
        return _ports?.Rtp.LocalEndPoint.Port ?? 0;
    }

    /// <summary>Opens the way back through firewalls by a packet to each port of the camera.</summary>
    public void HandleServerPorts(in RtspTransport transport)
    {
        if (_ports is null || transport.ServerPorts.Rtp == 0)
        {
            return;
        }

        var address = _camera.ToIPEndPoint().Address;
        var serverRtp = TransportAddress.From(new IPEndPoint(address, transport.ServerPorts.Rtp));
        _serverRtcp = TransportAddress.From(new IPEndPoint(address, transport.ServerPorts.Rtcp));
        var packet = _ports.Rtp.Reserve(RtpHeaderBytes);
        packet.Clear();
        packet[0] = 0x80;
        _ports.Rtp.Commit(RtpHeaderBytes, serverRtp);
        SendReport(1, default);
    }

    /// <summary>By UDP.</summary>
    public void SendReport(uint ssrc, Instant now)
    {
        if (_ports is null || _serverRtcp == default)
        {
            return;
        }

        var buffer = _ports.Rtcp.Reserve(MaxReportBytes);
        var length = WriteReport(ssrc, buffer, now);
        if (length == 0)
        {
            var writer = new CompoundWriter(buffer);
            writer.AddReceiverReport(ssrc, []);
            length = writer.Length;
        }

        _ports.Rtcp.Commit(length, _serverRtcp);
    }

    public void OnDatagram(UdpSocket socket, Span<byte> datagram, in TransportAddress from, Instant now)
    {
        if ((from.High, from.Low) != (_camera.High, _camera.Low))
        {
            home.Drops.Count(DropReason.ForeignSource);
        }
        else if (socket == _ports?.Rtcp)
        {
            HandleRtcp(datagram, now);
        }
        else if (datagram.Length < RtpHeaderBytes)
        {
            home.Drops.Count(DropReason.Malformed);
        }
        else
        {
            (_queue ??= new RtpReorderQueue()).Handle(datagram, this, static (track, packet, at) => track.Deliver(packet, at), now);
        }
    }

    public void Close() => _ports?.Dispose();

    private void Deliver(ReadOnlySpan<byte> packet, Instant now)
    {
        Count(packet, now);
        owner.HandleRtp(this, packet, now);
    }
}
