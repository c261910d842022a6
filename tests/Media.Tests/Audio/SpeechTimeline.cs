using Comms.Media.Audio;
using Comms.Media.Numbers;
using Comms.Support;

namespace Comms.Media.Tests.Audio;

/// <summary>Frames of 8 kHz speech, in the order in which they were played.</summary>
internal sealed class SpeechTimeline(Instant start)
{
    private readonly List<short> _samples = [];

    public void AddG711(G711Law law, ReadOnlySpan<byte> codes, Instant now)
    {
        short[] pcm = new short[codes.Length];
        G711.Decode(law, codes, pcm);
        Add(pcm, now);
    }

    public void AddOpus(OpusDecoder decoder, ReadOnlySpan<byte> packet, Instant now)
    {
        short[] pcm = new short[decoder.MaxPacketSamples];
        Add(pcm.AsSpan(0, decoder.Decode(packet, pcm)), now);
    }

    public WavFile ToWav() => WavFile.From(8_000, [.. _samples]);

    // A listener hears silence while nothing is played.
    private void Add(ReadOnlySpan<short> pcm, Instant now)
    {
        long missing = now.MsSince(start) * 8 - _samples.Count;
        if (missing > 320) _samples.AddRange(new short[missing]);
        _samples.AddRange(pcm);
    }
}
