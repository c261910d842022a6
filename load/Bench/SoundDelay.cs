using Comms.Browser;

namespace Comms.Bench;

/// <summary>How much later the same sound stands in one recording than in another, by the recordings' own wall clocks.</summary>
internal static class SoundDelay
{
    private const int Rate = 48_000;
    private const int Step = 6;
    private const int DecimatedRate = Rate / Step;
    private const int SearchMs = 1_500;

    /// <summary>
    /// The median delay in milliseconds of the seconds that correlate (0.5 or more: a decoder may stretch some), or null when none
    /// does, which means that the sound did not come out.
    /// </summary>
    public static double? Measure(Recording source, Recording heard)
    {
        float[] a = Decimate(source.Samples);
        float[] b = Decimate(heard.Samples);
        int startShift = (int)((source.StartedMs - heard.StartedMs) / 1000 * DecimatedRate);
        double[] delays = [.. Enumerable.Range(0, a.Length / DecimatedRate)
            .Select(second => MeasureSecond(a, second * DecimatedRate, b, startShift)).OfType<double>().Order()];
        return delays.Length == 0 ? null : delays[delays.Length / 2];
    }

    private static double? MeasureSecond(float[] a, int from, float[] b, int startShift)
    {
        double best = 0;
        int bestLag = 0;
        for (int lag = 0; lag < SearchMs * DecimatedRate / 1000; lag++)
        {
            double score = Correlate(a, from, b, from + startShift + lag, DecimatedRate);
            if (score > best) (best, bestLag) = (score, lag);
        }

        return best < 0.5 ? null : bestLag * 1000.0 / DecimatedRate;
    }

    private static double Correlate(float[] a, int fromA, float[] b, int fromB, int count)
    {
        if (fromB < 0 || fromB + count > b.Length) return 0;
        double product = 0, powerA = 0, powerB = 0;
        for (int i = 0; i < count; i++)
        {
            float x = a[fromA + i], y = b[fromB + i];
            product += x * y;
            powerA += x * x;
            powerB += y * y;
        }

        return powerA == 0 || powerB == 0 ? 0 : product / Math.Sqrt(powerA * powerB);
    }

    /// <summary>To 8 kHz by averaging: enough for speech and six times less work.</summary>
    private static float[] Decimate(float[] samples)
    {
        var output = new float[samples.Length / Step];
        for (int i = 0; i < output.Length; i++)
        {
            float sum = 0;
            for (int k = 0; k < Step; k++) sum += samples[i * Step + k];
            output[i] = sum / Step;
        }

        return output;
    }
}
