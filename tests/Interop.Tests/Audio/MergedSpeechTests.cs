using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Wire.Opus;
using Comms.Support;
using Xunit;
using Xunit.Abstractions;

namespace Comms.Interop.Tests.Audio;

/// <summary>libopus hears merged packets sample for sample as it hears the talker's own, over real speech in every class.</summary>
[Trait("Category", "Interop")]
public sealed class MergedSpeechTests(ITestOutputHelper output)
{
    private const int ShortFrameTicks = 960;
    private static readonly Instant Start = new(1_000_000_000_000);

    /// <summary>Application, sample rate, channels, bits per second, packet ms, DTX.</summary>
    public static TheoryData<int, int, int, int, int, bool> Encoders => new()
    {
        { ReferenceOpusEncoder.Voip, 16_000, 1, 24_000, 20, false },
        { ReferenceOpusEncoder.Voip, 48_000, 1, 24_000, 20, true },
        { ReferenceOpusEncoder.Voip, 8_000, 1, 12_000, 20, false },
        { ReferenceOpusEncoder.Voip, 48_000, 1, 40_000, 10, false },
        { ReferenceOpusEncoder.Voip, 16_000, 1, 16_000, 60, false },
        { ReferenceOpusEncoder.Voip, 16_000, 2, 32_000, 40, false },
        { ReferenceOpusEncoder.Audio, 48_000, 2, 64_000, 20, false },
        { ReferenceOpusEncoder.Audio, 48_000, 1, 96_000, 20, false },
        { ReferenceOpusEncoder.LowDelay, 48_000, 2, 128_000, 5, false },
    };

    [Theory]
    [MemberData(nameof(Encoders))]
    public void Merged_packets_decode_to_the_same_samples(int application, int rate, int channels, int bitrate, int packetMs, bool dtx)
    {
        var random = new SeededRandom((ulong)(rate + bitrate + packetMs));
        for (int run = 0; run < 4; run++)
        {
            var packets = Encode(application, rate, channels, bitrate, packetMs, dtx, ref random);
            float[] unmerged = Decode(packets);
            foreach (int frameMs in FrameClass.All)
            {
                var merged = Merge(packets, frameMs);
                Assert.True(unmerged.AsSpan().SequenceEqual(Decode([.. merged.Select(packet => packet.Payload)])), $"other samples at {frameMs} ms, run {run}");
                if (run == 0) output.WriteLine($"{frameMs} ms: {packets.Count} packets became {merged.Count}");
            }
        }
    }

    [Theory]
    [InlineData(40, false)]
    [InlineData(60, false)]
    [InlineData(120, false)]
    [InlineData(40, true)]
    [InlineData(60, true)]
    [InlineData(120, true)]
    public void Loss_of_merged_packets_costs_what_the_loss_of_the_same_frames_costs(int frameMs, bool withFec)
    {
        var random = new SeededRandom((ulong)frameMs);
        var packets = Encode(ReferenceOpusEncoder.Voip, 16_000, 1, 24_000, 20, false, ref random, fec: withFec, changes: false);
        float[] whole = Decode(packets);
        var lost = new HashSet<uint>();
        var merged = Merge(packets, frameMs);
        for (int i = 2; i < merged.Count - 1; i++)
        {
            if (random.Next(100) < 10) lost.Add(merged[i].Header.Timestamp);
        }

        Assert.NotEmpty(lost);
        var single = packets.Select((packet, i) => new Received((uint)(i * ShortFrameTicks), ShortFrameTicks, packet)).ToList();
        uint origin = merged[0].Header.Timestamp;
        var received = merged.Select(packet => new Received(packet.Header.Timestamp - origin, packet.Header.Ticks, packet.Payload)).ToList();
        var gaps = received.Where(packet => lost.Contains(packet.Timestamp + origin)).Select(packet => (From: packet.Timestamp, To: packet.Timestamp + (uint)packet.Ticks)).ToList();
        received.RemoveAll(packet => lost.Contains(packet.Timestamp + origin));
        single.RemoveAll(packet => gaps.Any(gap => packet.Timestamp >= gap.From && packet.Timestamp < gap.To));

        double mergedSnr = SegmentalSnr(whole, Play(received, withFec), gaps);
        double unmergedSnr = SegmentalSnr(whole, Play(single, withFec), gaps);
        output.WriteLine($"{frameMs} ms, FEC {withFec}: {lost.Count} of {merged.Count} lost; segmental SNR {mergedSnr:F2} dB merged, {unmergedSnr:F2} dB unmerged");
        Assert.InRange(mergedSnr - unmergedSnr, -1, 1);
    }

    private static List<byte[]> Encode(
        int application, int rate, int channels, int bitrate, int packetMs, bool dtx, ref SeededRandom random, bool fec = true, bool changes = true)
    {
        using var encoder = new ReferenceOpusEncoder(rate, channels, application);
        encoder.Set(ReferenceOpusEncoder.SetBitrate, bitrate);
        encoder.Set(ReferenceOpusEncoder.SetInbandFec, fec ? 1 : 0);
        encoder.Set(ReferenceOpusEncoder.SetPacketLossPercent, 10);
        encoder.Set(ReferenceOpusEncoder.SetDtx, dtx ? 1 : 0);
        encoder.Set(ReferenceOpusEncoder.SetVariableBitrate, random.Next(4) == 0 ? 0 : 1);
        float[] speech = Speech(rate, dtx);
        int samples = rate * packetMs / 1_000;
        var packets = new List<byte[]>();
        float[] pcm = new float[samples * channels];
        for (int at = 0; at + samples <= speech.Length; at += samples)
        {
            // A talker's encoder adapts: other bandwidths and bitrates are other configurations and frame lengths.
            if (changes && random.Next(150) == 0) encoder.Set(ReferenceOpusEncoder.SetMaxBandwidth, 1_101 + random.Next(5));
            if (changes && random.Next(100) == 0) encoder.Set(ReferenceOpusEncoder.SetBitrate, bitrate / 2 + random.Next(bitrate));
            for (int i = 0; i < pcm.Length; i++) pcm[i] = speech[at + i / channels] * (i % channels == 0 ? 1 : 0.6f);
            packets.Add(encoder.Encode(pcm));
        }

        return packets;
    }

    private static float[] Speech(int rate, bool withSilence)
    {
        var clip = SpeechClips.Read(SpeechClips.Dispatcher);
        int step = clip.SamplesPerSecond / rate;
        var samples = new float[clip.Samples.Length / step];
        for (int i = 0; i < samples.Length; i++) samples[i] = clip.Samples[i * step];
        if (withSilence) samples.AsSpan(rate * 3, rate * 3).Clear();
        return samples;
    }

    private static List<Merged> Merge(List<byte[]> packets, int frameMs)
    {
        var sink = new Collector();
        var merger = new VoiceMerger(sink);
        uint timestamp = 1_000_000;
        var now = Start;
        for (int i = 0; i < packets.Count; i++)
        {
            var header = new FrameHeader { Number = 1, Sequence = (ushort)(i + 60_000), Timestamp = timestamp, Captured = now, FrameMs = frameMs };
            Assert.Equal(DropReason.None, merger.Insert(header, packets[i], now));
            Assert.True(OpusPacketView.TryParse(packets[i], out var view, out _));
            timestamp += (uint)view.Ticks;
            now = now.AddMs(view.Ticks / 48);
        }

        merger.EndBurst(1, now);
        return sink.Packets;
    }

    private static float[] Decode(List<byte[]> packets)
    {
        using var decoder = new ReferenceOpusDecoder();
        var heard = new List<float>();
        foreach (byte[] packet in packets) heard.AddRange(decoder.Decode(packet));
        return [.. heard];
    }

    /// <summary>A receiver that makes up what is missing, the last frame before a packet from that packet's redundancy if there is any.</summary>
    private static float[] Play(List<Received> packets, bool withFec)
    {
        using var decoder = new ReferenceOpusDecoder();
        var heard = new List<float>();
        foreach (var packet in packets)
        {
            int missing = (int)packet.Timestamp - heard.Count / ReferenceOpusDecoder.Channels;
            for (; missing > (withFec ? ShortFrameTicks : 0); missing -= ShortFrameTicks) heard.AddRange(decoder.Conceal(ShortFrameTicks));
            if (missing > 0) heard.AddRange(decoder.Recover(packet.Payload, missing));
            heard.AddRange(decoder.Decode(packet.Payload));
        }

        return [.. heard];
    }

    /// <summary>Mean over segments of 20 ms, each held between −10 and 35 dB, outside of losses and the 40 ms behind each.</summary>
    private static double SegmentalSnr(float[] reference, float[] heard, List<(uint From, uint To)> gaps)
    {
        const int segment = ShortFrameTicks * ReferenceOpusDecoder.Channels;
        Assert.Equal(reference.Length, heard.Length);
        var values = new List<double>();
        for (int at = 0; at + segment <= heard.Length; at += segment)
        {
            long tick = at / ReferenceOpusDecoder.Channels;
            if (gaps.Any(gap => tick + ShortFrameTicks > gap.From && tick < gap.To + 2 * ShortFrameTicks)) continue;
            double signal = 1e-9;
            double error = 1e-9;
            for (int i = at; i < at + segment; i++)
            {
                signal += reference[i] * reference[i];
                error += (reference[i] - heard[i]) * (reference[i] - heard[i]);
            }

            values.Add(Math.Clamp(10 * Math.Log10(signal / error), -10, 35));
        }

        return values.Average();
    }

    private sealed record Merged(FrameHeader Header, byte[] Payload);

    private sealed record Received(uint Timestamp, int Ticks, byte[] Payload);

    private sealed class Collector : IVoicePacketSink
    {
        public List<Merged> Packets { get; } = [];

        public void OnPacket(in FrameHeader header, ReadOnlySpan<byte> payload, VoiceFlush flush, Instant now) => Packets.Add(new Merged(header, payload.ToArray()));
    }
}
