namespace Comms.Phones.Sip;

/// <summary>
/// A-law speech with marks: every second 700 ms of faint noise and 300 ms of a 1 kHz tone, whose first sample stands out, also
/// after coding.
/// </summary>
internal static class MarkedSpeech
{
    public const long PeriodNs = 1_000_000_000;
    public const long ToneAtNs = 700_000_000;
    public const int FrameSamples = 160;
    private const int Frames = 50;
    private const int ToneFrame = 35;
    private const int ToneAmplitude = 12_000;

    /// <summary>Louder than what coding makes of the noise, fainter than the tone.</summary>
    private const int LoudAmplitude = 3_000;

    private static readonly byte[] Codes = Build();
    private static readonly bool[] IsLoud = BuildLoud();

    /// <summary>The frame of that number since the marks began.</summary>
    public static ReadOnlySpan<byte> Frame(long number) => Codes.AsSpan((int)(number % Frames) * FrameSamples, FrameSamples);

    /// <summary>Index of the first loud sample; -1 when there is none.</summary>
    public static int FindLoud(ReadOnlySpan<byte> codes)
    {
        for (int i = 0; i < codes.Length; i++)
        {
            if (IsLoud[codes[i]]) return i;
        }

        return -1;
    }

    private static byte[] Build()
    {
        var codes = new byte[Frames * FrameSamples];
        for (int i = 0; i < codes.Length; i++)
        {
            int sample = i / FrameSamples < ToneFrame ? i * 37 % 61 - 30 : (int)(ToneAmplitude * Math.Sin(2 * Math.PI * (i % 8 + 0.5) / 8));
            codes[i] = Encode(sample);
        }

        return codes;
    }

    private static bool[] BuildLoud() => [.. Enumerable.Range(0, 256).Select(code => Math.Abs(Decode((byte)code)) > LoudAmplitude)];

    // ITU-T G.711 A-law.
    private static byte Encode(int sample)
    {
        int sign = sample >= 0 ? 0x80 : 0;
        int magnitude = Math.Min(sample >= 0 ? sample : -sample - 1, 32_635) >> 4;
        int exponent = magnitude < 32 ? 0 : 31 - int.LeadingZeroCount(magnitude) - 4;
        int mantissa = exponent < 1 ? magnitude >> 1 : magnitude >> exponent & 15;
        return (byte)((sign | exponent << 4 | mantissa) ^ 0x55);
    }

    private static int Decode(byte code)
    {
        int plain = code ^ 0x55;
        int exponent = plain >> 4 & 7;
        int magnitude = (plain & 15) << 4 | 8;
        magnitude = exponent == 0 ? magnitude : (magnitude | 0x100) << exponent - 1;
        return (plain & 0x80) != 0 ? magnitude : -magnitude;
    }
}
