using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;

namespace Comms.Media.Io;

/// <summary>Takes the news of a launched process, on any thread.</summary>
public interface IFfmpegProcessOwner
{
    void HandleStarted(FfmpegProcess process);

    /// <param name="exitCode">Exit code, 128 + signal, or -1 when the program could not be started.</param>
    /// <param name="errorTail">The last lines of its error stream; they may hold credentials.</param>
    void HandleExited(int exitCode, IReadOnlyList<string> errorTail);
}

/// <summary>
/// Starts ffmpeg processes that die with this one, however it ends. The kernel's parent-death signal is bound to the
/// thread that forked, so one long-lived thread starts them all; setpriv sets the signal, setsid gives each process a group
/// of its own, prlimit and nice set its limits, because .NET can do none of it between fork and exec.
/// </summary>
public sealed class FfmpegProcessLauncher : IDisposable
{
    private readonly string _ffmpeg;
    private readonly FfmpegLimits _limits;
    private readonly BlockingCollection<Launch> _launches = [];
    private readonly ConcurrentDictionary<FfmpegProcess, bool> _running = new();
    private readonly Thread _thread;

    public FfmpegProcessLauncher(string ffmpegPath = "ffmpeg", FfmpegLimits? limits = null)
    {
        _ffmpeg = ffmpegPath;
        _limits = limits ?? new FfmpegLimits();
        _thread = new Thread(Run) { IsBackground = true, Name = "ffmpeg-launcher" };
        _thread.Start();
    }

    /// <summary>Starts a process soon; its owner is told. Never blocks.</summary>
    public void Start(IReadOnlyList<string> arguments, IFfmpegProcessOwner owner) => _launches.Add(new Launch(arguments, owner));

    /// <summary>Kills every process that still runs.</summary>
    public void Dispose()
    {
        _launches.CompleteAdding();
        _thread.Join();
        foreach (var process in _running.Keys)
        {
            process.Kill();
        }
    }

    private void Run()
    {
        foreach (var launch in _launches.GetConsumingEnumerable())
        {
            try
            {
                Start(launch);
            }
            catch (Exception fault) when (fault is Win32Exception or InvalidOperationException)
            {
                launch.Owner.HandleExited(-1, [fault.Message]);
            }
        }
    }

    private void Start(Launch launch)
    {
        string[] arguments = ["setpriv", "--pdeathsig", "KILL", "--", .. _limits.Wrap(), _ffmpeg, .. launch.Arguments];
        var start = new ProcessStartInfo("setsid", arguments)
        {
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        var started = Process.Start(start) ?? throw new InvalidOperationException("No process was started.");
        started.StandardInput.Close();
        var process = new FfmpegProcess(started);
        _running[process] = true;
        launch.Owner.HandleStarted(process);
        _ = WatchAsync(process, launch.Owner);
    }

    private async Task WatchAsync(FfmpegProcess process, IFfmpegProcessOwner owner)
    {
        await Task.Yield();
        var code = await process.WaitAsync().ConfigureAwait(false);
        _running.TryRemove(process, out _);
        owner.HandleExited(code, process.ErrorTail);
    }

    private sealed record Launch(IReadOnlyList<string> Arguments, IFfmpegProcessOwner Owner);
}
