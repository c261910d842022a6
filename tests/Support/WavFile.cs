using System.Buffers.Binary;

namespace Comms.Support;

/// <summary>Mono speech as samples between −1 and 1, and its RIFF WAVE file form.</summary>
public sealed record WavFile(int SamplesPerSecond, float[] Samples)
{
    private const int FormatPcm = 1;
    private const int FormatFloat = 3;
    private const int FormatExtensible = 0xFFFE;
    private const int HeaderBytes = 44;

    public double Seconds => (double)Samples.Length / SamplesPerSecond;

    /// <summary>Reads 16-bit PCM or 32-bit float; several channels are averaged. A length that a live writer left open runs to the end.</summary>
    public static WavFile Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.Length < 12 || !file.AsSpan(0, 4).SequenceEqual("RIFF"u8) || !file.AsSpan(8, 4).SequenceEqual("WAVE"u8))
            throw new InvalidDataException($"{path} is no WAVE file.");
        (int format, int channels, int rate, int bits) = (0, 0, 0, 0);
        for (int position = 12; position + 8 <= file.Length;)
        {
            ReadOnlySpan<byte> id = file.AsSpan(position, 4);
            long bytes = Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(position + 4)), file.Length - position - 8);
            ReadOnlySpan<byte> chunk = file.AsSpan(position + 8, (int)bytes);
            if (id.SequenceEqual("fmt "u8)) (format, channels, rate, bits) = ReadFormat(chunk);
            else if (id.SequenceEqual("data"u8)) return new WavFile(rate, ReadSamples(chunk, format, channels, bits));
            position += 8 + (int)bytes + (int)(bytes & 1);
        }

        throw new InvalidDataException($"{path} has no data.");
    }

    /// <summary>From 16-bit samples.</summary>
    public static WavFile From(int samplesPerSecond, ReadOnlySpan<short> samples)
    {
        var values = new float[samples.Length];
        for (int i = 0; i < values.Length; i++) values[i] = samples[i] / 32_768f;
        return new WavFile(samplesPerSecond, values);
    }

    public short[] ToPcm16()
    {
        var pcm = new short[Samples.Length];
        for (int i = 0; i < pcm.Length; i++) pcm[i] = (short)Math.Clamp(MathF.Round(Samples[i] * 32_768f), short.MinValue, short.MaxValue);
        return pcm;
    }

    /// <summary>Writes 16-bit PCM.</summary>
    public void Write(string path)
    {
        short[] pcm = ToPcm16();
        byte[] file = new byte[HeaderBytes + pcm.Length * 2];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), FormatPcm);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), SamplesPerSecond);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), SamplesPerSecond * 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), pcm.Length * 2);
        for (int i = 0; i < pcm.Length; i++) BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(HeaderBytes + i * 2), pcm[i]);
        File.WriteAllBytes(path, file);
    }

    /// <summary>The part from one moment to another, in seconds.</summary>
    public WavFile Part(double from, double to) =>
        new(SamplesPerSecond, Samples[(int)(from * SamplesPerSecond)..Math.Min(Samples.Length, (int)(to * SamplesPerSecond))]);

    /// <summary>Root mean square in dB below full scale; −200 for digital silence.</summary>
    public double LevelDb()
    {
        double sum = 0;
        foreach (float sample in Samples) sum += (double)sample * sample;
        return Samples.Length == 0 || sum == 0 ? -200 : 10 * Math.Log10(sum / Samples.Length);
    }

    private static (int Format, int Channels, int Rate, int Bits) ReadFormat(ReadOnlySpan<byte> chunk)
    {
        int format = BinaryPrimitives.ReadUInt16LittleEndian(chunk);
        // The extensible form keeps the real format in the first two bytes of its sub-format identifier.
        if (format == FormatExtensible) format = BinaryPrimitives.ReadUInt16LittleEndian(chunk[24..]);
        return (format, BinaryPrimitives.ReadUInt16LittleEndian(chunk[2..]), BinaryPrimitives.ReadInt32LittleEndian(chunk[4..]),
            BinaryPrimitives.ReadUInt16LittleEndian(chunk[14..]));
    }

    private static float[] ReadSamples(ReadOnlySpan<byte> data, int format, int channels, int bits)
    {
        if (!(format == FormatPcm && bits == 16) && !(format == FormatFloat && bits == 32))
            throw new InvalidDataException($"WAVE format {format} with {bits} bits is not read here.");
        int sampleBytes = bits / 8;
        var samples = new float[data.Length / (sampleBytes * channels)];
        for (int i = 0; i < samples.Length; i++)
        {
            float sum = 0;
            for (int channel = 0; channel < channels; channel++)
            {
                ReadOnlySpan<byte> at = data[((i * channels + channel) * sampleBytes)..];
                sum += bits == 16 ? BinaryPrimitives.ReadInt16LittleEndian(at) / 32_768f : BinaryPrimitives.ReadSingleLittleEndian(at);
            }

            samples[i] = sum / channels;
        }

        return samples;
    }
}
