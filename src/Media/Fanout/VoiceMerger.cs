using Comms.Media.Numbers;
using Comms.Media.Wire.Opus;

namespace Comms.Media.Fanout;

/// <summary>Takes the packets of a channel's line, in the order of sending. Called on the channel's loop.</summary>
public interface IVoicePacketSink
{
    /// <summary>The header has the line's number and timestamp; the payload is valid during the call only.</summary>
    void OnPacket(in FrameHeader header, ReadOnlySpan<byte> payload, VoiceFlush flush, Instant now);
}

/// <summary>
/// Merges the Opus frames of one channel on one loop into packets of the channel's class, without decoding (RFC 6716 §3.2), and puts
/// them on the channel's line. A packet leaves as soon as its last frame has come. Sans-IO: packets and time in, packets out through
/// the sink, <see cref="NextDeadline"/> for a frame that does not come. Owned by its loop; allocates nothing per packet.
/// </summary>
public sealed class VoiceMerger(IVoicePacketSink sink)
{
    /// <summary>How long beyond the class a packet waits for its last frame: the talker's jitter; a stopped talker's last frames are held no longer.</summary>
    private const int PatienceMs = 40;

    private const int TicksPerMs = 48;

    /// <summary>The longest frame of discontinuous transmission, without its TOC byte.</summary>
    private const int MaxDtxFrameBytes = 1;

    private readonly OpusRepacketizer _gathered = new();
    private readonly byte[] _packet = new byte[OpusRepacketizer.MaxPacketBytes];
    private VoiceTimeline _line;
    private FrameHeader _first;

    /// <summary>When to call <see cref="HandleTimeout"/>; <see cref="Instant.Never"/> while nothing waits.</summary>
    public Instant NextDeadline { get; private set; } = Instant.Never;

    /// <summary>Takes one packet of the talker. Returns why it was dropped.</summary>
    public DropReason Insert(in FrameHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        if (!OpusPacketView.TryParse(payload, out var packet, out _)) return DropReason.Malformed;
        var placed = header;
        var place = _line.Place(ref placed, packet.Ticks);
        switch (place)
        {
            case VoicePlace.Refused:
                return DropReason.Late;
            case VoicePlace.Late:
                sink.OnPacket(placed, payload, VoiceFlush.Gap, now);
                return DropReason.None;
            case VoicePlace.AfterGap:
                Flush(VoiceFlush.Gap, now);
                break;
            default:
                if (place == VoicePlace.Begins || !_gathered.IsSameKind(packet.Toc)) Flush(VoiceFlush.Change, now);
                break;
        }

        if (payload.Length > OpusRepacketizer.MaxPacketBytes) Flush(VoiceFlush.Bytes, now);
        int limit = Math.Max(Math.Min(header.FrameMs * TicksPerMs, OpusToc.MaxPacketTicks), packet.Ticks);
        if (IsWhole(packet, payload, limit)) sink.OnPacket(placed with { Sequence = _line.TakeNumber() }, payload, VoiceFlush.Full, now);
        else Gather(placed, packet, limit, now);
        return DropReason.None;
    }

    /// <summary>The burst's talker has stopped: its last frames go out at once.</summary>
    public void EndBurst(long burst, Instant now)
    {
        if (_first.Number == burst) Flush(VoiceFlush.End, now);
    }

    public void HandleTimeout(Instant now)
    {
        if (now >= NextDeadline) Flush(VoiceFlush.Overdue, now);
    }

    /// <summary>Such a packet goes out as it came: no frame more would fit, or it cannot be written anew.</summary>
    private bool IsWhole(in OpusPacketView packet, ReadOnlySpan<byte> payload, int limit) =>
        _gathered.FrameCount == 0 && (packet.Ticks + packet.Toc.FrameTicks > limit || payload.Length > OpusRepacketizer.MaxPacketBytes);

    private void Gather(in FrameHeader placed, in OpusPacketView packet, int limit, Instant now)
    {
        int ticks = packet.Toc.FrameTicks;
        for (int i = 0; i < packet.FrameCount; i++)
        {
            var frame = packet.Frame(i);
            bool isDtx = frame.Length <= MaxDtxFrameBytes;
            if (isDtx) Flush(VoiceFlush.Dtx, now);
            else if (!_gathered.CanAdd(packet.Toc, frame.Length)) Flush(VoiceFlush.Bytes, now);
            if (_gathered.FrameCount == 0) BeginPacket(placed, i * ticks, now);
            _gathered.Add(packet.Toc, frame);
            if (isDtx) Flush(VoiceFlush.Dtx, now);
            else if (_gathered.Ticks + ticks > limit) Flush(VoiceFlush.Full, now);
        }
    }

    private void BeginPacket(in FrameHeader placed, int ticksIn, Instant now)
    {
        // The number is taken now: numbers that are left out for missing packets come behind this packet.
        _first = placed with
        {
            Sequence = _line.TakeNumber(), Timestamp = placed.Timestamp + (uint)ticksIn, Marker = placed.Marker && ticksIn == 0,
        };
        NextDeadline = now.AddMs(placed.FrameMs + PatienceMs);
    }

    private void Flush(VoiceFlush reason, Instant now)
    {
        if (_gathered.FrameCount == 0) return;
        var header = _first with { Ticks = _gathered.Ticks };
        NextDeadline = Instant.Never;
        sink.OnPacket(header, _packet.AsSpan(0, _gathered.Write(_packet)), reason, now);
    }
}
