using Comms.Media.Numbers;
using Comms.Media.Wire.Opus;

namespace Comms.Media.Audio;

/// <summary>
/// A SIP talker's G.711 as Opus for all browsers of the channel: 20 ms packets at 24 kbit/s, coded once. Sans-IO: insert packets;
/// at <see cref="NextDeadline"/> take packets until there is none. Owned by one loop; allocates nothing per packet.
/// </summary>
public sealed class G711ToOpus : IDisposable
{
    /// <summary>What browsers are asked to send, so that every talker costs a listener the same.</summary>
    private const int BitsPerSecond = 24_000;

    /// <summary>60 ms, the longest that telephones send.</summary>
    private const int MaxCodes = 480;

    private readonly G711SpeechDecoder _decoder = new();
    private readonly SpeechPlayout _playout;
    private readonly OpusEncoder _encoder = new(G711.SamplesPerSecond, BitsPerSecond);
    private readonly short[] _pcm = new short[SpeechPlayout.FrameSamples];
    private readonly byte[] _packet = new byte[OpusFrameLength.Max + 1];
    private RunningTimestamp _timestamp = new(OpusToc.TicksPerSecond);
    private long _stream = long.MinValue;

    public G711ToOpus() => _playout = new SpeechPlayout(_decoder, new JitterBufferSettings
    {
        TicksPerSecond = G711.SamplesPerSecond, MaxPayloadBytes = MaxCodes,
    });

    /// <summary>The buffer's target, level and drops, for the debug page and metrics.</summary>
    public JitterBuffer Jitter => _playout.Jitter;

    public Instant NextDeadline => _playout.NextDeadline;

    /// <summary>
    /// Takes one packet of G.711 codes. <paramref name="timestamp"/> counts 8 kHz ticks; <paramref name="stream"/> is the talker's SSRC or
    /// burst: another one flushes what is left of the last. Returns why the packet was dropped.
    /// </summary>
    public DropReason Insert(G711Law law, ReadOnlySpan<byte> codes, uint timestamp, bool marker, long stream, Instant now)
    {
        if (stream != _stream || law != _decoder.Law)
        {
            _stream = stream;
            _decoder.Law = law;
            _encoder.Reset();
        }

        return _playout.Insert(codes, timestamp, codes.Length, marker, stream * 2 + (long)law, now);
    }

    /// <summary>The talker's gate is shut: play what is there and invent nothing behind it.</summary>
    public void EndBurst() => _playout.EndBurst();

    /// <summary>The next 20 ms if they are due. Ask again until it says no.</summary>
    public bool TryTake(Instant now, out OpusFrame frame)
    {
        frame = default;
        if (!_playout.TryTake(now, _pcm, out SpeechFrameInfo info)) return false;
        int bytes = _encoder.Encode(_pcm, _packet);
        frame = new OpusFrame
        {
            Packet = _packet.AsSpan(0, bytes),
            Pcm = _pcm,
            Timestamp = _timestamp.Next(info.IsStart, now),
            Marker = info.IsStart,
            Captured = info.Captured,
        };
        return true;
    }

    public void Dispose() => _encoder.Dispose();
}

/// <summary>20 ms of speech as an Opus packet. Valid until the next call.</summary>
public readonly ref struct OpusFrame
{
    public ReadOnlySpan<byte> Packet { get; init; }

    /// <summary>The same speech as 160 samples at 8 kHz, losses concealed: for the channel's other telephone legs.</summary>
    public ReadOnlySpan<short> Pcm { get; init; }

    /// <summary>48 kHz ticks.</summary>
    public uint Timestamp { get; init; }

    /// <summary>The first packet after silence.</summary>
    public bool Marker { get; init; }

    /// <summary>When the talker's packet arrived here.</summary>
    public Instant Captured { get; init; }
}
