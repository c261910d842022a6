using Comms.Media.Audio;
using Comms.Support;
using Xunit;
using Xunit.Abstractions;

namespace Comms.Media.Tests.Speech;

public class SpeechComparisonTests(ITestOutputHelper output)
{
    private static readonly string[] Names = [nameof(SpeechClips.Dispatcher), nameof(SpeechClips.Responder), nameof(SpeechClips.Officer)];

    public static TheoryData<string> Speakers => [.. Names];

    [Theory]
    [MemberData(nameof(Speakers))]
    public void The_same_clip_through_Opus_at_24_kbit_per_second_is_the_same_speech(string speaker) =>
        AssertSame(Clip(speaker), ThroughOpus(Clip(speaker), 48_000));

    [Theory]
    [MemberData(nameof(Speakers))]
    public void The_same_clip_through_G711_is_the_same_speech(string speaker) =>
        AssertSame(Clip(speaker), ThroughG711(At8Khz(Clip(speaker))));

    [Theory]
    [MemberData(nameof(Speakers))]
    public void The_same_clip_through_G711_and_then_Opus_is_the_same_speech(string speaker) =>
        AssertSame(Clip(speaker), ThroughOpus(ThroughG711(At8Khz(Clip(speaker))), 8_000));

    [Theory]
    [MemberData(nameof(Speakers))]
    public void A_recording_that_starts_late_and_ends_later_is_the_same_speech(string speaker)
    {
        WavFile clip = At8Khz(Clip(speaker));
        SpeechSimilarity similarity = AssertSame(clip, clip with { Samples = [.. new float[20_000], .. clip.Samples, .. new float[9_000]] });
        Assert.Equal(2_500, similarity.OffsetMs);
    }

    [Theory]
    [MemberData(nameof(Speakers))]
    public void Another_speaker_is_other_speech(string speaker)
    {
        foreach (string other in Names.Where(name => name != speaker))
        {
            SpeechSimilarity similarity = SpeechComparison.Compare(Clip(speaker), Clip(other));
            output.WriteLine($"{speaker} against {other}: {similarity}");
            Assert.True(similarity.IsOtherSpeech, $"{speaker} against {other}: {similarity}");
        }
    }

    [Fact]
    public void Silence_and_noise_are_no_speech()
    {
        WavFile clip = Clip(Names[0]);
        Assert.Equal(0, SpeechComparison.Compare(clip, clip with { Samples = new float[clip.Samples.Length] }).Median);
        Assert.False(SpeechComparison.Compare(clip, clip with { Samples = [] }).IsSameSpeech);
        var random = new SeededRandom(7);
        float[] noise = new float[clip.Samples.Length];
        for (int i = 0; i < noise.Length; i++) noise[i] = (random.Next(20_000) - 10_000) / 32_768f;
        Assert.True(SpeechComparison.Compare(clip, clip with { Samples = noise }).IsOtherSpeech);
    }

    [Fact]
    public void Another_part_of_the_same_clip_is_not_the_same_speech()
    {
        WavFile clip = Clip(Names[0]);
        SpeechSimilarity similarity = SpeechComparison.Compare(clip.Part(0, 3), clip.Part(3, 6));
        output.WriteLine($"{similarity}");
        Assert.True(similarity.Median < 0.3, $"{similarity}");
    }

    [Theory]
    [InlineData(2.0)]
    [InlineData(3.13)]
    [InlineData(7.6)]
    [InlineData(5.37)]
    public void Six_hundred_missing_milliseconds_of_speech_fail(double atSeconds)
    {
        WavFile clip = ThroughG711(At8Khz(Clip(Names[0])));
        var heard = (float[])clip.Samples.Clone();
        heard.AsSpan((int)(atSeconds * 8_000), 4_800).Clear();
        SpeechSimilarity similarity = SpeechComparison.Compare(clip, clip with { Samples = heard });
        Assert.False(similarity.IsSameSpeech, $"{similarity}");
    }

    [Fact]
    public void A_clip_is_compared_in_less_time_than_it_lasts()
    {
        WavFile clip = Clip(Names[0]);
        Assert.InRange(clip.Seconds, 7, 16);
        SpeechComparison.Compare(clip, clip);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        SpeechComparison.Compare(clip, clip);
        output.WriteLine($"{clip.Seconds:F1} s compared in {clock.ElapsedMilliseconds} ms");
        Assert.True(clock.Elapsed.TotalSeconds < clip.Seconds);
    }

    [Fact]
    public void A_file_is_read_back_as_it_was_written()
    {
        string path = Path.GetTempFileName();
        WavFile.From(8_000, [0, 1, -1, short.MaxValue, short.MinValue]).Write(path);
        WavFile read = WavFile.Read(path);
        File.Delete(path);
        Assert.Equal(8_000, read.SamplesPerSecond);
        Assert.Equal(new short[] { 0, 1, -1, short.MaxValue, short.MinValue }, read.ToPcm16());
    }

    private SpeechSimilarity AssertSame(WavFile clip, WavFile heard)
    {
        SpeechSimilarity similarity = SpeechComparison.Compare(clip, heard);
        output.WriteLine($"{similarity}");
        Assert.True(similarity.IsSameSpeech, $"{similarity}");
        return similarity;
    }

    private static WavFile At8Khz(WavFile clip) => new(8_000, BandFilter.Resample(clip, 8_000, 50, 3_800));

    private static WavFile ThroughG711(WavFile clip)
    {
        short[] pcm = clip.ToPcm16();
        byte[] codes = new byte[pcm.Length];
        G711.Encode(G711Law.ALaw, pcm, codes);
        G711.Decode(G711Law.ALaw, codes, pcm);
        return WavFile.From(clip.SamplesPerSecond, pcm);
    }

    private static WavFile Clip(string speaker) => WavFile.Read(speaker switch
    {
        nameof(SpeechClips.Dispatcher) => SpeechClips.Dispatcher,
        nameof(SpeechClips.Responder) => SpeechClips.Responder,
        _ => SpeechClips.Officer,
    });

    private static WavFile ThroughOpus(WavFile clip, int rate)
    {
        int frameSamples = rate / 50;
        using var encoder = new OpusEncoder(rate, 24_000);
        using var decoder = new OpusDecoder(rate);
        short[] pcm = clip.ToPcm16();
        var heard = new List<short>();
        byte[] packet = new byte[1_275];
        short[] decoded = new short[decoder.MaxPacketSamples];
        for (int start = 0; start + frameSamples <= pcm.Length; start += frameSamples)
        {
            int bytes = encoder.Encode(pcm.AsSpan(start, frameSamples), packet);
            int samples = decoder.Decode(packet.AsSpan(0, bytes), decoded);
            heard.AddRange(decoded.AsSpan(0, samples));
        }

        return WavFile.From(rate, [.. heard]);
    }
}
