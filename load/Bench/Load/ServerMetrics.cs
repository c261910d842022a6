using System.Globalization;

namespace Comms.Bench.Load;

/// <summary>One reading of the server: its /metrics, summed over labels, and the kernel's view of its process.</summary>
internal sealed record ServerMetrics(IReadOnlyDictionary<string, double> Values, ProcessFigures Process)
{
    public double LoopCpuSeconds => Require("comms_media_loop_cpu");

    public double LoopAllocatedBytes => Require("comms_media_loop_allocated");

    public double SrtpSent => Require("comms_media_srtp_sent");

    public double HandshakesDone => Require("comms_media_handshakes_done");

    public static ServerMetrics Parse(string text, ProcessFigures process)
    {
        var values = new Dictionary<string, double>();
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            int end = line.AsSpan().IndexOfAny('{', ' ');
            string rest = line[(line.IndexOf('}') + 1)..];
            string[] words = (line[end] == '{' ? rest : line[end..]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0 || !double.TryParse(words[0], CultureInfo.InvariantCulture, out double value)) continue;
            string name = line[..end];
            values[name] = values.GetValueOrDefault(name) + value;
        }

        return new ServerMetrics(values, process);
    }

    /// <summary>The sum of the metric whose name begins so, whatever unit and "_total" stand behind it; null when there is none.</summary>
    public double? Find(string name)
    {
        double sum = 0;
        bool found = false;
        foreach (var (key, value) in Values)
        {
            if (!IsNamed(key, name)) continue;
            sum += value;
            found = true;
        }

        return found ? sum : null;
    }

    private static bool IsNamed(string key, string name) =>
        key.StartsWith(name, StringComparison.Ordinal)
        && key[name.Length..] is ("" or "_total" or "_seconds_total" or "_bytes_total" or "_seconds" or "_milliseconds");

    private double Require(string name) => Find(name) ?? throw new LoadFault($"The server's /metrics has no {name}.");
}
