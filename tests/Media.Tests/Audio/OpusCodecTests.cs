using Comms.Media.Audio;
using Comms.Media.Wire.Opus;
using Xunit;

namespace Comms.Media.Tests.Audio;

public class OpusCodecTests
{
    private const int FrameSamples = 160;

    [Fact]
    public void A_tone_encoded_at_8_kHz_decodes_to_the_same_tone()
    {
        using var encoder = new OpusEncoder(8_000, 24_000);
        using var decoder = new OpusDecoder(8_000);
        short[] tone = Tone(400, 50 * FrameSamples);
        var heard = new List<short>();
        byte[] packet = new byte[400];
        short[] pcm = new short[decoder.MaxPacketSamples];
        for (int frame = 0; frame < 50; frame++)
        {
            int bytes = encoder.Encode(tone.AsSpan(frame * FrameSamples, FrameSamples), packet);
            Assert.InRange(bytes, 3, 150);
            Assert.True(OpusPacketView.TryParse(packet.AsSpan(0, bytes), out OpusPacketView view, out _));
            Assert.Equal(960, view.Ticks);
            int samples = decoder.Decode(packet.AsSpan(0, bytes), pcm);
            Assert.Equal(FrameSamples, samples);
            heard.AddRange(pcm.AsSpan(0, samples));
        }

        Assert.InRange(Frequency([.. heard.Skip(2_000)]), 390, 410);
    }

    [Fact]
    public void The_longest_packet_decodes_to_960_samples_at_8_kHz()
    {
        using var decoder = new OpusDecoder(8_000);
        Assert.Equal(960, decoder.MaxPacketSamples);
    }

    [Fact]
    public void A_lost_frame_is_concealed_with_the_voice_and_not_with_silence()
    {
        using var encoder = new OpusEncoder(8_000, 24_000);
        using var decoder = new OpusDecoder(8_000);
        short[] tone = Tone(300, 20 * FrameSamples);
        byte[] packet = new byte[400];
        short[] pcm = new short[FrameSamples];
        for (int frame = 0; frame < 20; frame++)
        {
            int bytes = encoder.Encode(tone.AsSpan(frame * FrameSamples, FrameSamples), packet);
            Assert.Equal(FrameSamples, decoder.Decode(packet.AsSpan(0, bytes), pcm));
        }

        Assert.Equal(FrameSamples, decoder.Conceal(pcm));
        Assert.True(pcm.Max(sample => Math.Abs((int)sample)) > 2_000);
    }

    [Fact]
    public void Bytes_that_are_no_packet_decode_to_nothing()
    {
        using var decoder = new OpusDecoder(8_000);
        Assert.Equal(0, decoder.Decode([], new short[960]));
        Assert.Equal(0, decoder.Decode([0x0B, 0x00], new short[960]));
    }

    [Fact]
    public void Coding_allocates_nothing()
    {
        using var encoder = new OpusEncoder(8_000, 24_000);
        using var decoder = new OpusDecoder(8_000);
        short[] tone = Tone(300, FrameSamples);
        byte[] packet = new byte[400];
        short[] pcm = new short[960];
        long before = 0;
        for (int frame = 0; frame < 300; frame++)
        {
            if (frame == 100) before = GC.GetAllocatedBytesForCurrentThread();
            int bytes = encoder.Encode(tone, packet);
            decoder.Decode(packet.AsSpan(0, bytes), pcm);
            decoder.Conceal(pcm.AsSpan(0, FrameSamples));
            decoder.DecodeLost(packet.AsSpan(0, bytes), pcm.AsSpan(0, FrameSamples));
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static short[] Tone(double hertz, int samples) =>
        [.. Enumerable.Range(0, samples).Select(i => (short)(8_000 * Math.Sin(2 * Math.PI * hertz * i / 8_000)))];

    private static double Frequency(short[] samples)
    {
        int crossings = 0;
        for (int i = 1; i < samples.Length; i++) crossings += samples[i - 1] < 0 && samples[i] >= 0 ? 1 : 0;
        return crossings * 8_000.0 / samples.Length;
    }
}
