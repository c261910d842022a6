using System.Globalization;
using System.Text.Json;

namespace Comms.Bench;

/// <summary>Measured values of one kind, in milliseconds.</summary>
internal sealed class Figures(string name)
{
    private readonly List<double> _values = [];

    public string Name { get; } = name;

    public int Count => _values.Count;

    public double Median => Percentile(0.5);

    public void Add(double valueMs) => _values.Add(valueMs);

    /// <summary>Nearest-rank percentile; NaN without values.</summary>
    public double Percentile(double fraction)
    {
        if (_values.Count == 0) return double.NaN;
        var sorted = _values.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(fraction * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    public object ToJson() => new { n = Count, p50 = Round(Percentile(0.5)), p95 = Round(Percentile(0.95)), max = Round(Percentile(1)) };

    public static double Round(double value) => double.IsFinite(value) ? Math.Round(value, 2) : -1;

    public static void PrintTable(params Figures[] rows)
    {
        Console.WriteLine($"{"",-34}{"n",6}{"p50 ms",10}{"p95 ms",10}{"max ms",10}");
        foreach (var row in rows)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{row.Name,-34}{row.Count,6}{row.Percentile(0.5),10:F0}{row.Percentile(0.95),10:F0}{row.Percentile(1),10:F0}"));
        }
    }

    public static void PrintJson(object figures) => Console.WriteLine(JsonSerializer.Serialize(figures));
}
