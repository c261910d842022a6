using System.Globalization;

namespace Comms.Support;

/// <summary>How much a recording is the speech it should be. Correlations are between −1 and 1, one per window in which the source speaks.</summary>
/// <param name="Windows">Correlation of each spoken window, in the source's order.</param>
/// <param name="OffsetMs">How much later the recording is than the source.</param>
public sealed record SpeechSimilarity(IReadOnlyList<double> Windows, double OffsetMs)
{
    /// <summary>The median window of the same speech correlates more than this.</summary>
    public const double SameMedian = 0.8;

    /// <summary>No spoken window of the same speech correlates less than this.</summary>
    public const double SameMinimum = 0.4;

    /// <summary>The median window of another speaker correlates less than this.</summary>
    public const double OtherMedian = 0.2;

    public double Median => Windows.Count == 0 ? 0 : Windows.Order().ElementAt(Windows.Count / 2);

    public double Minimum => Windows.Count == 0 ? 0 : Windows.Min();

    /// <summary>The recording is the source's speech, whole.</summary>
    public bool IsSameSpeech => Median > SameMedian && Minimum >= SameMinimum;

    /// <summary>The recording is someone else or something else.</summary>
    public bool IsOtherSpeech => Median < OtherMedian;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"median {Median:F2}, minimum {Minimum:F2}, offset {OffsetMs:F0} ms, windows {string.Join(' ', Windows.Select(w => w.ToString("F2", CultureInfo.InvariantCulture)))}");
}
