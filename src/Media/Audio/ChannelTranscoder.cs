using Comms.Media.Numbers;

namespace Comms.Media.Audio;

/// <summary>Takes a channel's transcoded talk. Frames are valid during the call only.</summary>
public interface IChannelSpeechSink
{
    /// <summary>20 ms for the channel's telephone legs, in both laws, whoever talks.</summary>
    void OnG711(in G711Frame frame, Instant now);

    /// <summary>20 ms of a telephone leg's talk for the channel's browsers.</summary>
    void OnOpus(in OpusFrame frame, Instant now);
}

/// <summary>
/// One channel's transcoding, once per codec and not per listener: a browser's talk for telephone legs, a telephone leg's talk
/// for browsers and for the other telephone legs. Sans-IO: packets that passed the talker's gate go in, frames come out of
/// <see cref="HandleTimeout"/> at <see cref="NextDeadline"/>. Owned by one loop. Decoder and encoder are made when first needed
/// and kept; after that nothing is allocated per packet.
/// </summary>
public sealed class ChannelTranscoder(IChannelSpeechSink sink) : IDisposable
{
    private readonly byte[] _aLaw = new byte[SpeechPlayout.FrameSamples];
    private readonly byte[] _muLaw = new byte[SpeechPlayout.FrameSamples];
    private RunningTimestamp _timestamp = new(G711.SamplesPerSecond);
    private OpusToG711? _fromBrowser;
    private G711ToOpus? _fromTelephone;

    /// <summary>When <see cref="HandleTimeout"/> has frames to give; <see cref="Instant.Never"/> between bursts.</summary>
    public Instant NextDeadline => Instant.Min(
        _fromBrowser?.NextDeadline ?? Instant.Never, _fromTelephone?.NextDeadline ?? Instant.Never);

    /// <summary>Takes a browser talker's packet (48 kHz timestamps). Only needed while a telephone leg listens.</summary>
    public DropReason HandleOpus(ReadOnlySpan<byte> packet, uint timestamp, bool marker, BurstId burst, Instant now)
    {
        _fromBrowser ??= new OpusToG711();
        return _fromBrowser.Insert(packet, timestamp, marker, burst.Value, now);
    }

    /// <summary>Takes a telephone talker's packet (8 kHz timestamps).</summary>
    public DropReason HandleG711(G711Law law, ReadOnlySpan<byte> codes, uint timestamp, bool marker, BurstId burst, Instant now)
    {
        _fromTelephone ??= new G711ToOpus();
        return _fromTelephone.Insert(law, codes, timestamp, marker, burst.Value, now);
    }

    /// <summary>The talker's gate is shut: what was said is still played, nothing is invented behind it.</summary>
    public void EndBurst()
    {
        _fromBrowser?.EndBurst();
        _fromTelephone?.EndBurst();
    }

    /// <summary>Gives the frames that are due to the sink.</summary>
    public void HandleTimeout(Instant now)
    {
        while (_fromBrowser is not null && _fromBrowser.TryTake(now, out G711Frame speech)) sink.OnG711(speech, now);
        while (_fromTelephone is not null && _fromTelephone.TryTake(now, out OpusFrame frame))
        {
            sink.OnOpus(frame, now);
            sink.OnG711(ToG711(frame, now), now);
        }
    }

    public void Dispose()
    {
        _fromBrowser?.Dispose();
        _fromTelephone?.Dispose();
    }

    private G711Frame ToG711(in OpusFrame frame, Instant now)
    {
        G711.Encode(G711Law.ALaw, frame.Pcm, _aLaw);
        G711.Encode(G711Law.MuLaw, frame.Pcm, _muLaw);
        return new G711Frame
        {
            ALaw = _aLaw,
            MuLaw = _muLaw,
            Timestamp = _timestamp.Next(frame.Marker, now),
            Marker = frame.Marker,
            Captured = frame.Captured,
        };
    }
}
