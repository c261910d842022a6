using System.Globalization;

namespace Comms.Bench.Load;

/// <summary>One reading of the server: its /metrics, by name and labels, and the kernel's view of its process.</summary>
internal sealed record ServerMetrics(IReadOnlyDictionary<string, double> Values, ProcessFigures Process)
{
    public double LoopCpuSeconds => Require("comms_media_loop_cpu");

    public double LoopAllocatedBytes => Require("comms_media_loop_allocated");

    public double SrtpSent => Require("comms_media_srtp_sent");

    public double HandshakesDone => Require("comms_media_handshakes_done");

    /// <summary>Merged packets that were closed before they were full, though the burst went on; null from a server that does not merge.</summary>
    public double? EarlyFlushes => Sum("comms_media_voice_merged", key => !key.Contains("reason=\"Full\"") && !key.Contains("reason=\"End\""));

    public static ServerMetrics Parse(string text, ProcessFigures process)
    {
        var values = new Dictionary<string, double>();
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            int end = line.Contains('}') ? line.IndexOf('}') + 1 : line.IndexOf(' ');
            string[] words = line[end..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 0 && double.TryParse(words[0], CultureInfo.InvariantCulture, out double value)) values[line[..end]] = value;
        }

        return new ServerMetrics(values, process);
    }

    /// <summary>
    /// An upper bound in milliseconds of the garbage collections' pauses since the former reading: the smallest bucket of the
    /// histogram that holds all of them.
    /// </summary>
    public double LongestPauseMsSince(ServerMetrics former)
    {
        var buckets = PausesSince(former).GroupBy(bucket => bucket.Bound)
            .Select(group => (Bound: group.Key, Count: group.Sum(bucket => bucket.Count)))
            .OrderBy(bucket => bucket.Bound).ToArray();
        if (buckets.Length == 0 || buckets[^1].Count == 0) return 0;
        return buckets.First(bucket => bucket.Count == buckets[^1].Count).Bound * 1000;
    }

    /// <summary>Collections since the former reading by generation, with the smallest bucket that holds all pauses of each: "0: 34 of 2.1 ms up to 5 ms, …".</summary>
    public string DescribePausesSince(ServerMetrics former) => string.Join(", ", PausesSince(former).GroupBy(bucket => bucket.Generation).OrderBy(group => group.Key)
        .Select(group =>
        {
            double count = group.Max(bucket => bucket.Count);
            string sum = Values.Keys.First(key => key.StartsWith("comms_gc_pause_seconds_sum", StringComparison.Ordinal) && LabelOf(key, "generation") == group.Key);
            double meanMs = (Values[sum] - former.Values.GetValueOrDefault(sum)) * 1000 / Math.Max(1, count);
            return $"{group.Key}: {count:F0} of {meanMs:F1} ms up to {group.Where(bucket => bucket.Count == count).Min(bucket => bucket.Bound) * 1000:F1} ms";
        }));

    private IEnumerable<(string Generation, double Bound, double Count)> PausesSince(ServerMetrics former) =>
        Values.Keys.Where(key => key.StartsWith("comms_gc_pause_seconds_bucket{", StringComparison.Ordinal))
            .Select(key => (LabelOf(key, "generation"), BoundOf(key), Values[key] - former.Values.GetValueOrDefault(key)));

    private static double BoundOf(string key) =>
        LabelOf(key, "le") is "+Inf" ? double.PositiveInfinity : double.Parse(LabelOf(key, "le"), CultureInfo.InvariantCulture);

    private static string LabelOf(string key, string label)
    {
        int at = key.IndexOf(label + "=\"", StringComparison.Ordinal) + label.Length + 2;
        return key[at..key.IndexOf('"', at)];
    }

    /// <summary>The sum over labels of the metric whose name begins so, whatever unit stands behind it; null when there is none.</summary>
    public double? Find(string name) => Sum(name, _ => true);

    private double? Sum(string name, Func<string, bool> isWanted)
    {
        double sum = 0;
        bool found = false;
        foreach (var (key, value) in Values)
        {
            if (!IsNamed(key.Split('{')[0], name)) continue;
            found = true;
            if (isWanted(key)) sum += value;
        }

        return found ? sum : null;
    }

    private static bool IsNamed(string key, string name) =>
        key.StartsWith(name, StringComparison.Ordinal)
        && key[name.Length..] is ("" or "_total" or "_seconds_total" or "_bytes_total" or "_seconds" or "_milliseconds");

    private double Require(string name) => Find(name) ?? throw new LoadFault($"The server's /metrics has no {name}.");
}
