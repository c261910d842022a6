namespace Comms.Support;

/// <summary>
/// Compares a recording with the speech it should be: both in the telephone band at 8 kHz, in windows of 500 ms, each aligned
/// within ±250 ms around the offset of the whole, by normalised correlation.
/// </summary>
public static class SpeechComparison
{
    private const int SamplesPerSecond = 8_000;
    private const int WindowSamples = SamplesPerSecond / 2;
    private const int AlignSamples = SamplesPerSecond / 4;

    /// <summary>Windows overlap, so that a hole of 600 ms swallows at least one of them whole, wherever it lies.</summary>
    private const int HopSamples = SamplesPerSecond / 10;
    private const double LowHz = 300;
    private const double HighHz = 3_400;

    /// <summary>A window of the source counts as spoken down to this level below its loudest tenth.</summary>
    private const double SpokenDb = -25;

    /// <summary>Below this energy per sample (−80 dB of full scale) a recording is silent and correlates with nothing.</summary>
    private const double SilentEnergy = 1e-8;

    public static SpeechSimilarity Compare(WavFile source, WavFile recording)
    {
        float[] said = BandFilter.Resample(source, SamplesPerSecond, LowHz, HighHz);
        float[] heard = BandFilter.Resample(recording, SamplesPerSecond, LowHz, HighHz);
        int offset = FindOffset(said, heard);
        // Silence around the recording lets a window at its edge be compared with as much of it as there is.
        float[] padded = [.. new float[WindowSamples], .. heard, .. new float[WindowSamples]];
        double[] energyBefore = SumEnergy(padded);
        var windows = new List<double>();
        double threshold = SpokenThreshold(said);
        for (int start = 0; start + WindowSamples <= said.Length; start += HopSamples)
        {
            ReadOnlySpan<float> window = said.AsSpan(start, WindowSamples);
            if (Energy(window) >= threshold) windows.Add(BestCorrelation(window, padded, energyBefore, start + offset + WindowSamples));
        }

        return new SpeechSimilarity(windows, offset * 1_000.0 / SamplesPerSecond);
    }

    private static int FindOffset(float[] said, float[] heard)
    {
        double[] correlation = FourierTransform.CrossCorrelate(said, heard);
        int best = 0;
        for (int lag = 1; lag < correlation.Length; lag++)
        {
            if (correlation[lag] > correlation[best]) best = lag;
        }

        return best < heard.Length ? best : best - correlation.Length;
    }

    private static double SpokenThreshold(float[] said)
    {
        double[] energies = [.. said.Chunk(WindowSamples).Select(window => Energy(window)).Order()];
        return energies.Length == 0 ? 0 : energies[energies.Length * 9 / 10] * Math.Pow(10, SpokenDb / 10);
    }

    private static double BestCorrelation(ReadOnlySpan<float> window, float[] heard, double[] energyBefore, int around)
    {
        double best = 0;
        double windowEnergy = Energy(window);
        int first = Math.Max(0, around - AlignSamples);
        int last = Math.Min(heard.Length - WindowSamples, around + AlignSamples);
        for (int start = first; start <= last; start++)
        {
            double energy = energyBefore[start + WindowSamples] - energyBefore[start];
            if (energy < SilentEnergy * WindowSamples) continue;
            best = Math.Max(best, BandFilter.Dot(window, heard.AsSpan(start, WindowSamples)) / Math.Sqrt(windowEnergy * energy));
        }

        return best;
    }

    private static double[] SumEnergy(float[] samples)
    {
        var sums = new double[samples.Length + 1];
        for (int i = 0; i < samples.Length; i++) sums[i + 1] = sums[i] + (double)samples[i] * samples[i];
        return sums;
    }

    private static double Energy(ReadOnlySpan<float> samples) => BandFilter.Dot(samples, samples);
}
