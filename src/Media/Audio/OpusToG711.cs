using Comms.Media.Numbers;
using Comms.Media.Wire.Opus;

namespace Comms.Media.Audio;

/// <summary>
/// A channel's Opus talk as G.711 for all of its SIP listeners: decoded once, coded once per law. Sans-IO: insert packets; at
/// <see cref="NextDeadline"/> take frames until there is none. Owned by one loop; allocates nothing per packet.
/// </summary>
public sealed class OpusToG711 : IDisposable
{
    /// <summary>What fits one datagram beside its headers.</summary>
    private const int MaxPacketBytes = 1_280;

    private readonly OpusSpeechDecoder _decoder = new();
    private readonly SpeechPlayout _playout;
    private readonly short[] _pcm = new short[SpeechPlayout.FrameSamples];
    private readonly byte[] _aLaw = new byte[SpeechPlayout.FrameSamples];
    private readonly byte[] _muLaw = new byte[SpeechPlayout.FrameSamples];
    private RunningTimestamp _timestamp = new(G711.SamplesPerSecond);

    public OpusToG711() => _playout = new SpeechPlayout(_decoder, new JitterBufferSettings
    {
        TicksPerSecond = OpusToc.TicksPerSecond, MaxPayloadBytes = MaxPacketBytes,
    });

    /// <summary>The buffer's target, level and drops, for the debug page and metrics.</summary>
    public JitterBuffer Jitter => _playout.Jitter;

    public Instant NextDeadline => _playout.NextDeadline;

    /// <summary>
    /// Takes one Opus packet of the talker. <paramref name="timestamp"/> counts 48 kHz ticks; <paramref name="stream"/> is the burst: another
    /// one flushes what is left of the last. Returns why the packet was dropped.
    /// </summary>
    public DropReason Insert(ReadOnlySpan<byte> packet, uint timestamp, bool marker, long stream, Instant now) =>
        OpusPacketView.TryParse(packet, out OpusPacketView view, out _)
            ? _playout.Insert(packet, timestamp, view.Ticks, marker, stream, now)
            : DropReason.Malformed;

    /// <summary>The talker's gate is shut: play what is there and invent nothing behind it.</summary>
    public void EndBurst() => _playout.EndBurst();

    /// <summary>The next 20 ms if they are due. Ask again until it says no.</summary>
    public bool TryTake(Instant now, out G711Frame frame)
    {
        frame = default;
        if (!_playout.TryTake(now, _pcm, out SpeechFrameInfo info)) return false;
        G711.Encode(G711Law.ALaw, _pcm, _aLaw);
        G711.Encode(G711Law.MuLaw, _pcm, _muLaw);
        frame = new G711Frame
        {
            ALaw = _aLaw,
            MuLaw = _muLaw,
            Timestamp = _timestamp.Next(info.IsStart, now),
            Marker = info.IsStart,
            Captured = info.Captured,
        };
        return true;
    }

    public void Dispose() => _decoder.Dispose();
}

/// <summary>20 ms of speech in both laws. Valid until the next call.</summary>
public readonly ref struct G711Frame
{
    public ReadOnlySpan<byte> ALaw { get; init; }

    public ReadOnlySpan<byte> MuLaw { get; init; }

    /// <summary>8 kHz ticks.</summary>
    public uint Timestamp { get; init; }

    /// <summary>The first frame after silence.</summary>
    public bool Marker { get; init; }

    /// <summary>When the talker's packet arrived here.</summary>
    public Instant Captured { get; init; }

    public ReadOnlySpan<byte> Codes(G711Law law) => law == G711Law.ALaw ? ALaw : MuLaw;
}
