using System.Numerics;

namespace Comms.Support;

/// <summary>
/// Resamples by a rational ratio and keeps one band, with one windowed-sinc kernel per output phase. Linear phase, so a
/// delayed signal stays the same signal.
/// </summary>
public static class BandFilter
{
    /// <summary>Half the kernel, in periods of the lower of the two rates; the filter falls within some 350 Hz at 8 kHz.</summary>
    private const int HalfWidth = 64;

    public static float[] Resample(WavFile source, int samplesPerSecond, double lowHz, double highHz)
    {
        int divisor = (int)BigInteger.GreatestCommonDivisor(source.SamplesPerSecond, samplesPerSecond);
        int phases = samplesPerSecond / divisor;
        int step = source.SamplesPerSecond / divisor;
        double lowest = Math.Min(source.SamplesPerSecond, samplesPerSecond);
        int half = (int)Math.Ceiling(HalfWidth * source.SamplesPerSecond / lowest);
        float[][] kernels = [.. Enumerable.Range(0, phases).Select(phase => Kernel(half, (double)phase / phases, source.SamplesPerSecond, lowHz, highHz))];
        var padded = new float[source.Samples.Length + 2 * half + 1];
        source.Samples.CopyTo(padded, half);
        var output = new float[(int)((long)source.Samples.Length * phases / step)];
        for (int i = 0; i < output.Length; i++)
        {
            long position = (long)i * step;
            int whole = (int)(position / phases);
            output[i] = Dot(padded.AsSpan(whole, 2 * half + 1), kernels[position % phases]);
        }

        return output;
    }

    /// <summary>Sum of products of two spans of one length.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        int width = Vector<float>.Count;
        Vector<float> sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= a.Length - width; i += width) sum += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        float rest = 0;
        for (; i < a.Length; i++) rest += a[i] * b[i];
        return Vector.Sum(sum) + rest;
    }

    // The difference of two low-pass kernels, centred at half + fraction, under a Blackman window.
    private static float[] Kernel(int half, double fraction, int rate, double lowHz, double highHz)
    {
        var kernel = new float[2 * half + 1];
        for (int i = 0; i < kernel.Length; i++)
        {
            double t = i - half - fraction;
            double x = Math.PI * t / (half + 1);
            double window = Math.Abs(t) > half + 1 ? 0 : 0.42 + 0.5 * Math.Cos(x) + 0.08 * Math.Cos(2 * x);
            kernel[i] = (float)(window * (LowPass(t, highHz / rate) - LowPass(t, lowHz / rate)));
        }

        return kernel;
    }

    private static double LowPass(double t, double cutoff) =>
        Math.Abs(t) < 1e-9 ? 2 * cutoff : Math.Sin(2 * Math.PI * cutoff * t) / (Math.PI * t);
}
