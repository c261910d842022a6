using Comms.Media.Audio;
using Comms.Media.Wire.Opus;

namespace Comms.Phones.Media;

/// <summary>A clip of speech as a phone would send it: Opus packets of one 20 ms frame at 24 kbit/s, encoded once at the start.</summary>
public sealed class Speech
{
    public const int FrameMs = 20;
    public const int FrameTicks = 960;
    private const int SamplesPerSecond = 16_000;
    private const int SamplesPerFrame = SamplesPerSecond / 1000 * FrameMs;
    private const int BitsPerSecond = 24_000;
    private readonly byte[][] _packets;

    private Speech(byte[][] packets) => _packets = packets;

    public int Count => _packets.Length;

    /// <summary>Encodes mono samples at 16 kHz.</summary>
    public static Speech Encode(ReadOnlySpan<short> samples)
    {
        using var encoder = new OpusEncoder(SamplesPerSecond, BitsPerSecond);
        var packets = new List<byte[]>();
        Span<byte> packet = stackalloc byte[1_275];
        for (int at = 0; at + SamplesPerFrame <= samples.Length; at += SamplesPerFrame)
        {
            int bytes = encoder.Encode(samples.Slice(at, SamplesPerFrame), packet);
            if (bytes == 0 || new OpusToc(packet[0]).FrameCountCode != 0) throw new InvalidOperationException("The encoder made no single frame.");
            packets.Add(packet[..bytes].ToArray());
        }

        return new Speech([.. packets]);
    }

    /// <summary>The packet at a position; the clip repeats for ever.</summary>
    public byte[] Packet(int position) => _packets[position % _packets.Length];
}
