using Comms.Media.Audio;
using Comms.Media.Numbers;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Audio;

public sealed class ChannelTranscoderTests : IChannelSpeechSink, IDisposable
{
    private static readonly Instant Start = new(3_000_000_000);

    private readonly ChannelTranscoder _transcoder;
    private readonly OpusDecoder _browser = new(8_000);
    private readonly SpeechTimeline _heardByBrowser = new(Start);
    private readonly SpeechTimeline _heardByPcmaPhone = new(Start);
    private readonly SpeechTimeline _heardByPcmuPhone = new(Start);
    private readonly WavFile _clip;
    private Instant _now = Start;
    private int _opusFrames;

    public ChannelTranscoderTests()
    {
        _transcoder = new ChannelTranscoder(this);
        _clip = new WavFile(8_000, BandFilter.Resample(WavFile.Read(SpeechClips.Responder), 8_000, 50, 3_800)).Part(0, 6);
    }

    [Fact]
    public void A_browser_is_heard_by_telephones_of_both_laws()
    {
        Assert.Equal(Instant.Never, _transcoder.NextDeadline);
        using var encoder = new OpusEncoder(8_000, 24_000);
        byte[] packet = new byte[400];
        Talk((frame, pcm) => _transcoder.HandleOpus(
            packet.AsSpan(0, encoder.Encode(pcm, packet)), (uint)frame * 960, frame == 0, new BurstId(1), _now));
        AssertHeard(_heardByPcmaPhone);
        AssertHeard(_heardByPcmuPhone);
        Assert.Equal(0, _opusFrames);
        Assert.Equal(Instant.Never, _transcoder.NextDeadline);
    }

    [Fact]
    public void A_telephone_is_heard_by_browsers_and_by_the_other_telephones()
    {
        byte[] codes = new byte[160];
        Talk((frame, pcm) =>
        {
            G711.Encode(G711Law.ALaw, pcm, codes);
            return _transcoder.HandleG711(G711Law.ALaw, codes, (uint)frame * 160, frame == 0, new BurstId(1), _now);
        });
        AssertHeard(_heardByBrowser);
        AssertHeard(_heardByPcmaPhone);
        AssertHeard(_heardByPcmuPhone);
        Assert.Equal(Instant.Never, _transcoder.NextDeadline);
    }

    [Fact]
    public void A_later_talker_of_the_other_kind_is_heard_too()
    {
        A_telephone_is_heard_by_browsers_and_by_the_other_telephones();
        byte[] packet = new byte[400];
        using var encoder = new OpusEncoder(8_000, 24_000);
        int before = _opusFrames;
        Talk((frame, pcm) => _transcoder.HandleOpus(
            packet.AsSpan(0, encoder.Encode(pcm, packet)), (uint)frame * 960, frame == 0, new BurstId(2), _now));
        Assert.Equal(before, _opusFrames);
        Assert.True(_heardByPcmaPhone.ToWav().Seconds > 2 * _clip.Seconds);
    }

    void IChannelSpeechSink.OnG711(in G711Frame frame, Instant now)
    {
        _heardByPcmaPhone.AddG711(G711Law.ALaw, frame.Codes(G711Law.ALaw), now);
        _heardByPcmuPhone.AddG711(G711Law.MuLaw, frame.Codes(G711Law.MuLaw), now);
    }

    void IChannelSpeechSink.OnOpus(in OpusFrame frame, Instant now)
    {
        _opusFrames++;
        _heardByBrowser.AddOpus(_browser, frame.Packet, now);
    }

    public void Dispose()
    {
        _transcoder.Dispose();
        _browser.Dispose();
    }

    private void Talk(Func<int, short[], DropReason> insert)
    {
        short[] pcm = _clip.ToPcm16();
        for (int frame = 0; (frame + 1) * 160 <= pcm.Length; frame++)
        {
            Assert.Equal(DropReason.None, insert(frame, pcm[(frame * 160)..((frame + 1) * 160)]));
            RunTo(_now.AddMs(20));
        }

        _transcoder.EndBurst();
        RunTo(_now.AddMs(500));
    }

    private void RunTo(Instant end)
    {
        for (; _transcoder.NextDeadline < end; _transcoder.HandleTimeout(_now)) _now = Instant.Min(end, _transcoder.NextDeadline < _now ? _now : _transcoder.NextDeadline);
        _now = end;
    }

    private void AssertHeard(SpeechTimeline timeline)
    {
        SpeechSimilarity similarity = SpeechComparison.Compare(_clip, timeline.ToWav());
        Assert.True(similarity.IsSameSpeech, $"{similarity}");
    }
}
