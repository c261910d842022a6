using System.Globalization;

namespace Comms.Media.Io;

/// <summary>What one ffmpeg may take of the machine, so that a camera with a monstrous picture cannot take the voice's share.</summary>
public sealed record FfmpegLimits
{
    /// <summary>
    /// Address space in mebibytes (RLIMIT_AS), 0 for no limit. Program and libraries alone map some 350; over the limit an
    /// allocation fails and ffmpeg ends, which the relay names and answers with a longer pause.
    /// </summary>
    public int MemoryMb { get; init; } = 2_048;

    /// <summary>Added to this process's own niceness, 0 to 19: media loops come first when processors are short.</summary>
    public int Niceness { get; init; } = 5;

    /// <summary>Threads of each decoder and of the encoder when a relay converts; a relay that copies needs none.</summary>
    public int TranscodeThreads { get; init; } = 2;

    /// <summary>The programs, with their options, that set these limits and then become the program behind them. No core file is written.</summary>
    internal IEnumerable<string> Wrap()
    {
        yield return "prlimit";
        yield return "--core=0";
        if (MemoryMb > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"--as={(long)MemoryMb << 20}");
        }

        yield return "--";
        if (Niceness > 0)
        {
            yield return "nice";
            yield return "-n";
            yield return Niceness.ToString(CultureInfo.InvariantCulture);
        }
    }
}
