using System.Globalization;

namespace Comms.Bench.Load;

/// <summary>What the kernel says of a process: processor time of all threads, resident memory.</summary>
internal readonly record struct ProcessFigures(double CpuSeconds, double RssMb)
{
    private const double TicksPerSecond = 100;
    private const double PageMb = 4096.0 / (1 << 20);

    public static ProcessFigures Read(int processId)
    {
        string stat = File.ReadAllText($"/proc/{processId}/stat");
        // Fields behind the name, which may contain spaces: state is the first, utime the 12th, stime the 13th.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        double ticks = Number(fields[11]) + Number(fields[12]);
        string[] pages = File.ReadAllText($"/proc/{processId}/statm").Split(' ');
        return new ProcessFigures(ticks / TicksPerSecond, Number(pages[1]) * PageMb);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
