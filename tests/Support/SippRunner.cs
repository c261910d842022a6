using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Comms.Support;

/// <summary>
/// A stranger's SIP peer: Debian's SIPp, playing one XML scenario against a server. Each run has a folder of its own for
/// its message log, which a failure prints.
/// </summary>
public sealed class SippRunner(IPEndPoint server)
{
    private const string Program = "/usr/bin/sipp";

    /// <summary>A run that takes longer is a failure, not a wait.</summary>
    private static readonly TimeSpan RunLimit = TimeSpan.FromSeconds(60);

    /// <summary>True when SIPp is installed.</summary>
    public static bool IsInstalled => File.Exists(Program);

    /// <summary>The account that answers challenges.</summary>
    public string User { get; init; } = "gw1";

    public string Password { get; init; } = "secret";

    /// <summary>The number that scenarios dial ("[service]").</summary>
    public string Number { get; init; } = "7000";

    /// <summary>Calls to place in a row.</summary>
    public int Calls { get; init; } = 1;

    /// <summary>Calls at a time.</summary>
    public int Concurrent { get; init; } = 1;

    /// <summary>The port to be called on; a free one when 0.</summary>
    public int LocalPort { get; init; }

    /// <summary>Plays over one TCP connection instead of UDP.</summary>
    public bool OverTcp { get; init; }

    /// <summary>More SIPp arguments, for example keys for the scenario.</summary>
    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>Plays a scenario; the exit code is 0 when every call went as the scenario says.</summary>
    public async Task<SippResult> RunAsync(string scenarioFile)
    {
        var folder = Directory.CreateTempSubdirectory("comms-sipp-").FullName;
        try
        {
            var scenario = Path.Combine(folder, Path.GetFileName(scenarioFile));
            File.Copy(scenarioFile, scenario);
            // The shell redirects to files: reading pipes would block the very threads that the server under test runs on.
            string[] shell = ["-c", "exec \"$0\" \"$@\" >screen.txt 2>stderr.log </dev/null", Program, .. ArgumentsOf(scenario)];
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", shell) { WorkingDirectory = folder })!;
            using var limit = new CancellationTokenSource(RunLimit);
            try
            {
                await process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            return new SippResult(process.ExitCode, ReadLogs(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private List<string> ArgumentsOf(string scenario) =>
    [
        server.ToString(), "-sf", scenario, "-s", Number, "-au", User, "-ap", Password, "-key", "user", User, "-i", "127.0.0.1", "-p", Port(LocalPort > 0 ? LocalPort : FreePorts.EvenUdp()),
        "-mp", Port(FreePorts.EvenUdp()), "-m", Port(Calls), "-l", Port(Concurrent), "-r", "50", "-nostdin", "-t", OverTcp ? "t1" : "u1",
        "-trace_msg", "-message_file", "messages.log", "-trace_err", "-error_file", "errors.log", "-timeout", "50s", "-timeout_error",
        .. Arguments,
    ];

    private static string ReadLogs(string folder)
    {
        var text = new StringBuilder();
        foreach (var file in Directory.GetFiles(folder, "*.log").Order())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"--- {Path.GetFileName(file)}").AppendLine(File.ReadAllText(file));
        }

        return text.ToString();
    }

    private static string Port(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How a run ended, with every message it saw.</summary>
public sealed record SippResult(int ExitCode, string Log)
{
    public bool IsOk => ExitCode == 0;

    /// <summary>The answers with that status to the request of that CSeq ("2 INVITE"), as they came, repeats included.</summary>
    public IReadOnlyList<string> Answers(int status, string cseq) => Log.Split("message received")
        .Skip(1)
        .Select(part => part[Math.Max(0, part.IndexOf("SIP/2.0", StringComparison.Ordinal))..])
        .Select(part => part.Split("\n---", 2)[0].Trim())
        .Where(part => part.StartsWith($"SIP/2.0 {status} ", StringComparison.Ordinal) && part.Contains($"CSeq: {cseq}", StringComparison.Ordinal))
        .ToList();
}
