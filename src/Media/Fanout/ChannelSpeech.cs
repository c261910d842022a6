using Comms.Media.Audio;
using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// The transcoded side of a channel, on its home loop: gives the channel's transcoder what is said and spreads what comes out,
/// under the burst and source that it came from, so that a SIP talker does not hear itself.
/// </summary>
public sealed class ChannelSpeech : IChannelSpeechSink, IDisposable
{
    private readonly VoiceChannel _home;
    private readonly ChannelTranscoder _transcoder;
    private FrameHeader _source;
    private bool _endsTalk;
    private ushort _opusSequence;

    public ChannelSpeech(VoiceChannel home)
    {
        _home = home;
        _transcoder = new ChannelTranscoder(this);
    }

    public Instant NextDeadline => _transcoder.NextDeadline;

    public DropReason InsertOpus(in FrameHeader header, ReadOnlySpan<byte> packet, Instant now)
    {
        _source = header;
        return _transcoder.HandleOpus(packet, header.Timestamp, header.Marker, new BurstId(header.Number), now);
    }

    public DropReason InsertSpeech(G711Law law, in FrameHeader header, ReadOnlySpan<byte> codes, Instant now)
    {
        _source = header;
        _endsTalk = false;
        return _transcoder.HandleG711(law, codes, header.Timestamp, header.Marker, new BurstId(header.Number), now);
    }

    /// <summary>The burst's talker has stopped; what has come is still played.</summary>
    public void EndBurst(in FrameHeader header)
    {
        if (header.Number == _source.Number) _transcoder.EndBurst();
    }

    /// <summary>A SIP talker has stopped; the end of its Opus comes after what has come is played.</summary>
    public void EndTalk(in FrameHeader header)
    {
        if (header.Number != _source.Number) return;
        _transcoder.EndBurst();
        _endsTalk = true;
    }

    /// <summary>True once, when the last Opus frame of a SIP talker that stopped has been spread.</summary>
    public bool TryTakeEnd(out FrameHeader end)
    {
        end = _source;
        if (!_endsTalk || _transcoder.NextDeadline != Instant.Never) return false;
        _endsTalk = false;
        return true;
    }

    public void HandleTimeout(Instant now) => _transcoder.HandleTimeout(now);

    public void OnOpus(in OpusFrame frame, Instant now)
    {
        var header = _source with
        {
            Kind = (int)VoiceFrameKind.Opus, Timestamp = frame.Timestamp, Marker = frame.Marker, Captured = frame.Captured, Sequence = _opusSequence++,
        };
        _home.SpreadTranscoded(header, frame.Packet, now);
    }

    public void OnG711(in G711Frame frame, Instant now)
    {
        Span<byte> bothLaws = stackalloc byte[2 * frame.ALaw.Length];
        frame.ALaw.CopyTo(bothLaws);
        frame.MuLaw.CopyTo(bothLaws[frame.ALaw.Length..]);
        var header = _source with
        {
            Kind = (int)VoiceFrameKind.Speech, Timestamp = frame.Timestamp, Marker = frame.Marker, Captured = frame.Captured,
        };
        _home.SpreadSpeech(header, bothLaws, now);
    }

    public void Dispose() => _transcoder.Dispose();
}
