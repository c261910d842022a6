namespace Comms.Media.Audio;

/// <summary>
/// ITU-T G.711 both laws, to and from 16-bit linear PCM at 8 kHz. The tables are computed from the Recommendation's
/// definition: chords of doubling step, decision values between the levels, A-law's even bits inverted, µ-law's all bits.
/// </summary>
public static class G711
{
    /// <summary>G.711 is sampled at 8 kHz with one byte per sample.</summary>
    public const int SamplesPerSecond = 8_000;

    /// <summary>The µ-law's offset on its 14-bit scale, which makes the chords start at powers of two.</summary>
    private const int MuLawBias = 33;

    /// <summary>The largest biased magnitude on µ-law's 14-bit scale; louder samples clip to it.</summary>
    private const int MuLawMaxMagnitude = 0x1FFF;

    private static readonly short[] ALawLevels = MakeLevels(ALawLevel);
    private static readonly short[] MuLawLevels = MakeLevels(MuLawLevel);

    /// <summary>A-law codes by the sample's upper 12 bits, offset so that the index is never negative.</summary>
    private static readonly byte[] ALawCodes = MakeCodes(4, ALawCode);

    /// <summary>µ-law codes by the sample's upper 14 bits.</summary>
    private static readonly byte[] MuLawCodes = MakeCodes(2, MuLawCode);

    public static short DecodeALaw(byte code) => ALawLevels[code];

    public static short DecodeMuLaw(byte code) => MuLawLevels[code];

    public static byte EncodeALaw(short sample) => ALawCodes[(sample >> 4) + ALawCodes.Length / 2];

    public static byte EncodeMuLaw(short sample) => MuLawCodes[(sample >> 2) + MuLawCodes.Length / 2];

    /// <summary>Decodes as many samples as there are codes. <paramref name="samples"/> must be at least as long.</summary>
    public static void Decode(G711Law law, ReadOnlySpan<byte> codes, Span<short> samples)
    {
        short[] levels = law == G711Law.ALaw ? ALawLevels : MuLawLevels;
        for (int index = 0; index < codes.Length; index++) samples[index] = levels[codes[index]];
    }

    /// <summary>Encodes all samples. <paramref name="codes"/> must be at least as long.</summary>
    public static void Encode(G711Law law, ReadOnlySpan<short> samples, Span<byte> codes)
    {
        byte[] table = law == G711Law.ALaw ? ALawCodes : MuLawCodes;
        int shift = law == G711Law.ALaw ? 4 : 2;
        int offset = table.Length / 2;
        for (int index = 0; index < samples.Length; index++) codes[index] = table[(samples[index] >> shift) + offset];
    }

    /// <summary>The code for silence: the smallest positive level.</summary>
    public static byte Silence(G711Law law) => law == G711Law.ALaw ? (byte)0xD5 : (byte)0xFF;

    private static short[] MakeLevels(Func<byte, short> level)
    {
        var levels = new short[256];
        for (int code = 0; code < levels.Length; code++) levels[code] = level((byte)code);
        return levels;
    }

    private static byte[] MakeCodes(int shift, Func<int, byte> code)
    {
        var codes = new byte[65_536 >> shift];
        for (int index = 0; index < codes.Length; index++) codes[index] = code(index - codes.Length / 2);
        return codes;
    }

    // Table 1 of G.711: P(1) chord(3) step(4), sent with the even bits inverted. Chords 0 and 1 share the step size.
    private static short ALawLevel(byte code)
    {
        int plain = code ^ 0x55;
        int chord = (plain >> 4) & 0x07;
        int magnitude = ((plain & 0x0F) << 4) + 8;
        if (chord > 0) magnitude = (magnitude + 0x100) << (chord - 1);
        return (short)((plain & 0x80) != 0 ? magnitude : -magnitude);
    }

    // Table 2 of G.711: P(1) chord(3) step(4), sent with all bits inverted.
    private static short MuLawLevel(byte code)
    {
        int plain = ~code & 0xFF;
        int chord = (plain >> 4) & 0x07;
        int magnitude = ((((plain & 0x0F) << 1) + MuLawBias) << chord) - MuLawBias;
        return (short)((plain & 0x80) != 0 ? -magnitude * 4 : magnitude * 4);
    }

    // The magnitude of a negative value is its one's complement, so that the two signs' intervals mirror each other.
    private static byte ALawCode(int twelveBit)
    {
        int magnitude = twelveBit < 0 ? ~twelveBit : twelveBit;
        int chord = 0;
        while (magnitude >> chord > 0x1F) chord++;
        int plain = magnitude < 0x10 ? magnitude : ((chord + 1) << 4) | ((magnitude >> chord) & 0x0F);
        return (byte)((twelveBit < 0 ? plain : plain | 0x80) ^ 0x55);
    }

    private static byte MuLawCode(int fourteenBit)
    {
        int magnitude = Math.Min((fourteenBit < 0 ? ~fourteenBit : fourteenBit) + MuLawBias, MuLawMaxMagnitude);
        int chord = 0;
        while (magnitude >> chord > 0x3F) chord++;
        int plain = (chord << 4) | ((magnitude >> (chord + 1)) & 0x0F);
        return (byte)~(fourteenBit < 0 ? plain | 0x80 : plain);
    }
}

/// <summary>The two companding laws of ITU-T G.711.</summary>
public enum G711Law
{
    /// <summary>PCMU, RTP payload type 0.</summary>
    MuLaw,

    /// <summary>PCMA, RTP payload type 8.</summary>
    ALaw,
}
