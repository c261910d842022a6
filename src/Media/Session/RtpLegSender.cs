using Comms.Media.Audio;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Ed137;
using Comms.Media.Wire.Rtp;

namespace Comms.Media.Session;

/// <summary>
/// The sending half of a plain-RTP leg: one SSRC and one run of sequence numbers and timestamps for the leg's life, whoever
/// talks. Silence between bursts advances the timestamp by the elapsed time and the next packet carries the marker.
/// G.711 codes are cut into packets of the negotiated duration. Finished packets wait in a small ring to be polled.
/// </summary>
public sealed class RtpLegSender
{
    /// <summary>Behind a header with the extension of an ED-137 radio.</summary>
    private const int MaxHeaderBytes = RtpHeader.Bytes + RadioHeader.PlainBytes;

    private const int TicksPerMs = G711.SamplesPerSecond / 1_000;
    private const int MinPtimeMs = 10;
    private const int MaxPtimeMs = 60;
    private const int SlotBytes = MaxHeaderBytes + MaxPtimeMs * TicksPerMs;

    /// <summary>Holds one frame of 120 ms cut into 10 ms packets.</summary>
    private const int Slots = 16;

    /// <summary>A pause of the source longer than this begins a new talk spurt even without a marker.</summary>
    private const int MaxGapTicks = 2 * G711.SamplesPerSecond;

    /// <summary>A packet that is not filled in this time goes out as long as it is: its burst has ended.</summary>
    private const int FlushMs = 2 * MaxPtimeMs;

    private readonly byte[] _ring = new byte[Slots * SlotBytes];
    private readonly int[] _lengths = new int[Slots];
    private readonly DropCounters _drops;
    private RadioLink? _radio;
    private int _headerBytes = RtpHeader.Bytes;
    private int _head;
    private int _count;
    private byte _payloadType;
    private int _packetTicks;
    private ushort _sequence;
    private uint _timestamp;
    private uint _expectedSource;
    private bool _isInSpurt;
    private bool _marker = true;
    private int _filledTicks;

    /// <summary>The moment that <see cref="_timestamp"/>, the next tick to be added, belongs to.</summary>
    private Instant _timestampAt;
    private bool _hasSent;

    public RtpLegSender(RtpLegParameters parameters, RtpLegIdentity identity, DropCounters drops)
    {
        Ssrc = identity.Ssrc;
        _sequence = identity.FirstSequence;
        _timestamp = identity.FirstTimestamp;
        _drops = drops;
        Apply(parameters);
    }

    public uint Ssrc { get; }

    public long PacketsSent { get; private set; }

    public long PayloadBytesSent { get; private set; }

    /// <summary>When an unfilled packet goes out, <see cref="Instant.Never"/> if none is begun.</summary>
    public Instant FlushAt => _filledTicks > 0 ? _timestampAt.AddMs(FlushMs) : Instant.Never;

    private G711Law Law => _payloadType == 8 ? G711Law.ALaw : G711Law.MuLaw;

    private Span<byte> Open => _ring.AsSpan((_head + _count) % Slots * SlotBytes, SlotBytes);

    /// <summary>Takes codec and packet duration of a new negotiation, and the radio whose header goes on every packet.</summary>
    public void Apply(RtpLegParameters parameters, RadioLink? radio = null)
    {
        Flush();
        _radio = radio;
        _headerBytes = radio is null ? RtpHeader.Bytes : MaxHeaderBytes;
        _payloadType = parameters.Codec == RtpLegCodec.Pcma ? (byte)8 : (byte)0;
        _packetTicks = Math.Clamp(parameters.PtimeMs, MinPtimeMs, MaxPtimeMs) * TicksPerMs;
    }

    /// <summary>
    /// Adds G.711 codes of the negotiated law. <paramref name="timestamp"/> is the source's, in 8 kHz ticks, contiguous inside a
    /// burst; <paramref name="marker"/> says that a burst begins.
    /// </summary>
    public void Add(ReadOnlySpan<byte> codes, uint timestamp, bool marker, Instant now)
    {
        int gap = (int)(timestamp - _expectedSource);
        if (marker || !_isInSpurt || gap is < 0 or > MaxGapTicks) BeginSpurt(now);
        else if (gap > 0) Skip(gap);
        _expectedSource = timestamp + (uint)codes.Length;
        _isInSpurt = true;
        _timestampAt = now.AddUs(codes.Length * 1_000L / TicksPerMs);
        while (!codes.IsEmpty)
        {
            int taken = Math.Min(codes.Length, _packetTicks - _filledTicks);
            codes[..taken].CopyTo(Open[(_headerBytes + _filledTicks)..]);
            Fill(taken);
            codes = codes[taken..];
        }
    }

    /// <summary>Adds one packet of silence: it keeps the path open and says that nobody talks.</summary>
    public void AddSilence(Instant now)
    {
        BeginSpurt(now);
        Open.Slice(_headerBytes, _packetTicks).Fill(G711.Silence(Law));
        _timestampAt = now.AddUs(_packetTicks * 1_000L / TicksPerMs);
        _isInSpurt = false;
        Fill(_packetTicks);
    }

    /// <summary>Adds one packet that is no speech: a key, or a keep-alive without payload.</summary>
    public void AddPacket(byte payloadType, ReadOnlySpan<byte> payload, uint timestamp, bool marker, Instant now)
    {
        Flush();
        // The clock starts with the first packet of any kind.
        if (!_hasSent) (_hasSent, _timestampAt) = (true, now);
        payload.CopyTo(Open[_headerBytes..]);
        Finish(new RtpHeader(payloadType, marker, _sequence++, timestamp, Ssrc), payload.Length, now);
    }

    /// <summary>Sends what an ended burst left in an unfilled packet.</summary>
    public void HandleTimeout(Instant now)
    {
        if (now >= FlushAt) Flush();
    }

    /// <summary>Copies the next packet. A buffer of less than 492 bytes takes none: the socket is blocked, the packet waits.</summary>
    public bool TryPoll(Span<byte> buffer, out int bytes)
    {
        bytes = 0;
        if (_count == 0 || buffer.Length < SlotBytes) return false;
        bytes = _lengths[_head];
        _ring.AsSpan(_head * SlotBytes, bytes).CopyTo(buffer);
        _head = (_head + 1) % Slots;
        _count--;
        PacketsSent++;
        PayloadBytesSent += bytes - _headerBytes;
        return true;
    }

    /// <summary>The RTP timestamp that belongs to <paramref name="now"/>, for sender reports. RFC 3550 §6.4.1.</summary>
    public uint TimestampAt(Instant now) => _hasSent ? _timestamp + (uint)Ticks(now) : _timestamp;

    private long Ticks(Instant now) => now.UsSince(_timestampAt) * TicksPerMs / 1_000;

    // The source's clock says nothing about the time between two bursts, so the leg's own clock does.
    private void BeginSpurt(Instant now)
    {
        Flush();
        if (_hasSent) _timestamp += (uint)Math.Max(0, Ticks(now));
        _marker = true;
    }

    private void Skip(int ticks)
    {
        Flush();
        _timestamp += (uint)ticks;
    }

    private void Fill(int ticks)
    {
        _filledTicks += ticks;
        _timestamp += (uint)ticks;
        if (_filledTicks == _packetTicks) Flush();
    }

    private void Flush()
    {
        if (_filledTicks == 0) return;
        int bytes = _filledTicks;
        _filledTicks = 0;
        Finish(new RtpHeader(_payloadType, _marker, _sequence++, _timestamp - (uint)bytes, Ssrc), bytes, _timestampAt);
        _marker = false;
        _hasSent = true;
    }

    private void Finish(in RtpHeader header, int payloadBytes, Instant now)
    {
        header.Write(Open);
        if (_radio is not null)
        {
            Open[0] |= RtpHeader.ExtensionBit;
            _radio.Outgoing.Write(_radio.Form, Open[RtpHeader.Bytes..]);
            _radio.NoteSent(now);
        }

        _lengths[(_head + _count) % Slots] = _headerBytes + payloadBytes;
        if (_count < Slots - 1)
        {
            _count++;
            return;
        }

        // The ring keeps one slot free to fill: the oldest packet makes room for the newest.
        _head = (_head + 1) % Slots;
        _drops.Count(DropReason.BufferFull);
    }
}
