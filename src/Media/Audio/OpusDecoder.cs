using Comms.Media.Wire.Opus;

namespace Comms.Media.Audio;

/// <summary>
/// Decodes one talker's Opus to mono PCM at one fixed rate. Owned by one loop. libopus resamples inside the codec, so that
/// 8 kHz output for telephone legs costs less than 48 kHz output, not more.
/// </summary>
public sealed class OpusDecoder : IDisposable
{
    private readonly OpusDecoderHandle _handle;

    /// <summary>Makes a decoder for 8,000, 12,000, 16,000, 24,000 or 48,000 samples per second.</summary>
    public OpusDecoder(int samplesPerSecond)
    {
        SamplesPerSecond = samplesPerSecond;
        _handle = LibOpus.CreateDecoder(samplesPerSecond, 1, out int error);
        if (error != LibOpus.Ok) throw new InvalidOperationException($"libopus made no decoder: error {error}.");
    }

    public int SamplesPerSecond { get; }

    /// <summary>Samples of the longest packet (120 ms) at this rate: what a buffer for <see cref="Decode"/> must hold.</summary>
    public int MaxPacketSamples => SamplesPerSecond * OpusToc.MaxPacketTicks / OpusToc.TicksPerSecond;

    /// <summary>Decodes a packet. Returns the samples written, or 0 when libopus refuses the packet.</summary>
    public int Decode(ReadOnlySpan<byte> packet, Span<short> pcm)
    {
        // An empty packet would ask libopus to conceal, which is a question of its own.
        return packet.IsEmpty ? 0 : Run(packet, pcm, decodeFec: 0);
    }

    /// <summary>
    /// Recovers the frame lost before <paramref name="next"/> from that packet's in-band redundancy, or conceals it if
    /// there is none. Fills all of <paramref name="pcm"/>, a multiple of 2.5 ms.
    /// </summary>
    public int DecodeLost(ReadOnlySpan<byte> next, Span<short> pcm) => Run(next, pcm, decodeFec: 1);

    /// <summary>Conceals a loss by continuing the talker's voice and fading it. Fills all of <paramref name="pcm"/>, a multiple of 2.5 ms.</summary>
    public int Conceal(Span<short> pcm) => Run([], pcm, decodeFec: 0);

    /// <summary>Forgets the last talker.</summary>
    public void Reset() => _ = LibOpus.Control(_handle, LibOpus.ResetState);

    public void Dispose() => _handle.Dispose();

    private unsafe int Run(ReadOnlySpan<byte> packet, Span<short> pcm, int decodeFec)
    {
        fixed (byte* bytes = packet)
        fixed (short* samples = pcm)
        {
            // fixed of an empty span is a null pointer: libopus takes that as a lost packet.
            int written = LibOpus.Decode(_handle, bytes, packet.Length, samples, pcm.Length, decodeFec);
            return written < 0 ? 0 : written;
        }
    }
}
