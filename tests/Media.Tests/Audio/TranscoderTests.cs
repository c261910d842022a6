using Comms.Media.Audio;
using Comms.Media.Numbers;
using Comms.Support;
using Xunit;
using Xunit.Abstractions;

namespace Comms.Media.Tests.Audio;

public class TranscoderTests(ITestOutputHelper output)
{
    private static readonly Instant Start = new(77_000_000_000);

    [Fact]
    public void Opus_speech_is_heard_as_G711_by_every_law()
    {
        WavFile clip = At8Khz(SpeechClips.Responder);
        foreach (G711Law law in Enum.GetValues<G711Law>())
        {
            WavFile heard = ToG711(clip, law, new Impairment(1));
            AssertSame(clip, heard);
        }
    }

    [Fact]
    public void G711_speech_is_heard_as_Opus()
    {
        WavFile clip = At8Khz(SpeechClips.Dispatcher);
        foreach (G711Law law in Enum.GetValues<G711Law>()) AssertSame(clip, ToOpus(clip, law, new Impairment(1)));
    }

    [Fact]
    public void Opus_speech_survives_jitter_reordering_duplicates_and_some_loss()
    {
        WavFile clip = At8Khz(SpeechClips.Dispatcher);
        AssertSame(clip, ToG711(clip, G711Law.ALaw, new Impairment(5, LossPercent: 3, JitterMs: 60, DuplicatePercent: 5)));
    }

    [Fact]
    public void G711_speech_survives_jitter_reordering_duplicates_and_some_loss()
    {
        WavFile clip = At8Khz(SpeechClips.Responder);
        AssertSame(clip, ToOpus(clip, G711Law.ALaw, new Impairment(5, LossPercent: 3, JitterMs: 60, DuplicatePercent: 5)));
    }

    [Fact]
    public void Concealment_of_G711_loss_is_closer_to_the_speech_than_silence()
    {
        WavFile clip = At8Khz(SpeechClips.Officer);
        short[] pcm = clip.ToPcm16();
        var concealment = new PitchConcealment();
        double concealed = 0;
        double silent = 0;
        for (int frame = 0; (frame + 1) * 160 <= pcm.Length; frame++)
        {
            short[] original = pcm.AsSpan(frame * 160, 160).ToArray();
            short[] played = (short[])original.Clone();
            if (frame % 10 != 9)
            {
                concealment.Accept(played);
                continue;
            }

            concealment.Conceal(played);
            for (int i = 0; i < 160; i++)
            {
                concealed += Math.Pow(played[i] - original[i], 2);
                silent += Math.Pow(original[i], 2);
            }
        }

        output.WriteLine($"error relative to silence {concealed / silent:F2}");
        Assert.True(concealed < 0.8 * silent);
    }

    [Fact]
    public void Long_loss_fades_to_silence_and_speech_returns_without_a_click()
    {
        var concealment = new PitchConcealment();
        short[] tone = [.. Enumerable.Range(0, 1_600).Select(i => (short)(8_000 * Math.Sin(2 * Math.PI * 200 * i / 8_000)))];
        concealment.Accept((short[])tone.Clone());
        short[] lost = new short[800];
        concealment.Conceal(lost);
        Assert.True(lost.AsSpan(0, 160).ToArray().Max() > 7_500);
        Assert.Equal(0, lost[^200..].Max());
        int steepest = Enumerable.Range(1, 799).Max(i => Math.Abs(lost[i] - lost[i - 1]));
        Assert.InRange(steepest, 0, 1_600);
        short[] back = (short[])tone.Clone();
        concealment.Accept(back);
        Assert.InRange(back[0], -400, 400);
        Assert.Equal(tone[200..], back[200..]);
    }

    [Fact]
    public void Between_bursts_nothing_is_sent_and_the_timestamp_counts_the_silence()
    {
        using var transcoder = new G711ToOpus();
        Instant now = Start;
        uint last = 0;
        int packets = 0;
        for (int burst = 0; burst < 2; burst++)
        {
            int markers = 0;
            for (int frame = 0; frame < 20; frame++)
            {
                transcoder.Insert(G711Law.ALaw, new byte[160], (uint)(frame * 160), frame == 0, burst, now);
                Drain(now);
                now = now.AddMs(20);
            }

            transcoder.EndBurst();
            for (int tick = 0; tick < 50; tick++, now = now.AddMs(20)) Drain(now);
            Assert.Equal(1, markers);
            Assert.Equal(20 * (burst + 1), packets);
            Assert.Equal(Instant.Never, transcoder.NextDeadline);

            void Drain(Instant at)
            {
                while (transcoder.TryTake(at, out OpusFrame frame))
                {
                    if (frame.Marker) markers++;
                    if (packets > 0) Assert.Equal(frame.Marker ? 1_000u / 20 * 960 + 960 : 960, frame.Timestamp - last);
                    last = frame.Timestamp;
                    packets++;
                }
            }
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(30)]
    [InlineData(60)]
    public void Telephones_may_send_packets_of_any_duration(int packetMs)
    {
        WavFile clip = At8Khz(SpeechClips.Officer);
        AssertSame(clip, ToOpus(clip, G711Law.MuLaw, new Impairment(1), packetMs * 8));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(300)]
    [InlineData(700)]
    public void A_loop_that_stood_still_catches_up_and_delays_nothing(int stallMs)
    {
        WavFile clip = At8Khz(SpeechClips.Dispatcher).Part(0, 6);
        short[] pcm = clip.ToPcm16();
        using var transcoder = new G711ToOpus();
        using var decoder = new OpusDecoder(8_000);
        var played = new List<short>();
        byte[] codes = new byte[160];
        short[] heard = new short[960];
        int sent = 0;
        for (int at = 0; at < 6_500; at++)
        {
            // The loop does nothing for a while; then its timer is served before its sockets.
            if (at is >= 2_500 && at < 2_500 + stallMs) continue;
            Instant now = Start.AddMs(at);
            while (transcoder.TryTake(now, out OpusFrame frame)) played.AddRange(heard.AsSpan(0, decoder.Decode(frame.Packet, heard)));
            for (; sent * 20 <= at && (sent + 1) * 160 <= pcm.Length; sent++)
            {
                G711.Encode(G711Law.ALaw, pcm.AsSpan(sent * 160, 160), codes);
                transcoder.Insert(G711Law.ALaw, codes, (uint)sent * 160, sent == 0, 1, now);
            }
        }

        SpeechSimilarity similarity = SpeechComparison.Compare(clip, WavFile.From(8_000, [.. played]));
        output.WriteLine($"{similarity}");
        Assert.True(similarity.Minimum > 0.9, $"{similarity}");
    }

    [Fact]
    public void Malformed_Opus_is_refused()
    {
        using var transcoder = new OpusToG711();
        Assert.Equal(DropReason.Malformed, transcoder.Insert([0x0B, 0x00], 0, true, 1, Start));
        Assert.Equal(DropReason.Malformed, transcoder.Insert([], 0, true, 1, Start));
    }

    [Fact]
    public void Transcoding_allocates_nothing_per_packet()
    {
        using var toG711 = new OpusToG711();
        using var toOpus = new G711ToOpus();
        using var encoder = new OpusEncoder(48_000, 24_000);
        short[] tone = [.. Enumerable.Range(0, 960).Select(i => (short)(8_000 * Math.Sin(2 * Math.PI * 500 * i / 48_000)))];
        byte[] packet = new byte[400];
        Instant now = Start;
        long before = 0;
        for (int frame = 0; frame < 1_500; frame++, now = now.AddMs(20))
        {
            if (frame == 500) before = GC.GetAllocatedBytesForCurrentThread();
            int bytes = encoder.Encode(tone, packet);
            if (frame % 20 != 0) toG711.Insert(packet.AsSpan(0, bytes), (uint)(frame * 960), frame % 200 == 1, frame / 200, now);
            while (toG711.TryTake(now, out G711Frame speech))
            {
                if (frame % 15 != 0) toOpus.Insert(G711Law.ALaw, speech.ALaw, speech.Timestamp, speech.Marker, 1, now);
            }

            while (toOpus.TryTake(now, out _)) { }
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void AssertSame(WavFile clip, WavFile heard)
    {
        SpeechSimilarity similarity = SpeechComparison.Compare(clip, heard);
        output.WriteLine($"{similarity}");
        Assert.True(similarity.IsSameSpeech, $"{similarity}");
    }

    private static WavFile At8Khz(string path) => new(8_000, BandFilter.Resample(WavFile.Read(path), 8_000, 50, 3_800));

    private static WavFile ToG711(WavFile clip, G711Law law, Impairment network)
    {
        using var encoder = new OpusEncoder(8_000, 24_000);
        using var transcoder = new OpusToG711();
        var packets = new List<byte[]>();
        short[] pcm = clip.ToPcm16();
        byte[] packet = new byte[1_275];
        for (int start = 0; start + 160 <= pcm.Length; start += 160)
            packets.Add(packet[..encoder.Encode(pcm.AsSpan(start, 160), packet)]);
        var heard = new SpeechTimeline(Start);
        foreach (var (at, index) in network.Deliver(packets.Count, 20))
        {
            Drain(Start.AddMs(at));
            if (index >= 0) transcoder.Insert(packets[index], (uint)(index * 960), index == 0, 1, Start.AddMs(at));
        }

        return heard.ToWav();

        void Drain(Instant now)
        {
            while (transcoder.TryTake(now, out G711Frame frame)) heard.AddG711(law, frame.Codes(law), now);
        }
    }

    private static WavFile ToOpus(WavFile clip, G711Law law, Impairment network, int packetSamples = 160)
    {
        using var transcoder = new G711ToOpus();
        using var decoder = new OpusDecoder(8_000);
        short[] pcm = clip.ToPcm16();
        var heard = new SpeechTimeline(Start);
        byte[] codes = new byte[packetSamples];
        foreach (var (at, index) in network.Deliver(pcm.Length / packetSamples, packetSamples / 8))
        {
            Instant now = Start.AddMs(at);
            while (transcoder.TryTake(now, out OpusFrame frame)) heard.AddOpus(decoder, frame.Packet, now);
            if (index < 0) continue;
            G711.Encode(law, pcm.AsSpan(index * packetSamples, packetSamples), codes);
            transcoder.Insert(law, codes, (uint)(index * packetSamples), index == 0, 1, now);
        }

        return heard.ToWav();
    }

    /// <summary>A network by seed: when which packet arrives; index −1 is a moment at which nothing does.</summary>
    private sealed record Impairment(ulong Seed, int LossPercent = 0, int JitterMs = 0, int DuplicatePercent = 0)
    {
        public IEnumerable<(int AtMs, int Index)> Deliver(int packets, int packetMs)
        {
            var random = new SeededRandom(Seed);
            var events = new List<(int AtMs, int Index)>();
            for (int index = 0; index < packets; index++)
            {
                int copies = random.Next(100) < LossPercent ? 0 : random.Next(100) < DuplicatePercent ? 2 : 1;
                for (; copies > 0; copies--) events.Add((index * packetMs + (JitterMs == 0 ? 0 : random.Next(JitterMs)), index));
            }

            for (int at = 0; at < packets * packetMs + 1_000; at += 5) events.Add((at, -1));
            return events.OrderBy(e => e.AtMs);
        }
    }
}
