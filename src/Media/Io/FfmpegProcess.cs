using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Comms.Media.Io;

/// <summary>
/// One running ffmpeg: its process id, the tail of what it wrote to its error stream, and the end of its whole process
/// group. Made by <see cref="FfmpegProcessLauncher"/>; may be used from any thread.
/// </summary>
public sealed partial class FfmpegProcess
{
    private const int ErrorLines = 50;
    private const int MaxLineLength = 512;
    private const int SignalKill = 9;

    private readonly Process _process;
    private readonly Queue<string> _errors = new(ErrorLines);
    private readonly Lock _lock = new();
    private bool _isEnded;

    internal FfmpegProcess(Process process)
    {
        _process = process;
        Id = process.Id;
    }

    /// <summary>Process id and, once it runs, process group.</summary>
    public int Id { get; }

    /// <summary>The last lines of the error stream, oldest first. They may hold credentials.</summary>
    public IReadOnlyList<string> ErrorTail
    {
        get
        {
            lock (_lock)
            {
                return [.. _errors];
            }
        }
    }

    /// <summary>Kills the process and all of its group. Harmless once it has ended.</summary>
    public void Kill()
    {
        lock (_lock)
        {
            // The id is not given away again before the exit was taken note of, which needs this lock.
            if (!_isEnded)
            {
                _ = SendSignal(-Id, SignalKill);
                _ = SendSignal(Id, SignalKill);
            }
        }
    }

    /// <summary>Ends with the exit code, or 128 + signal.</summary>
    internal async Task<int> WaitAsync()
    {
        var reading = ReadErrorsAsync();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _isEnded = true;
        }

        await reading.ConfigureAwait(false);
        var code = _process.ExitCode;
        _process.Dispose();
        return code;
    }

    private async Task ReadErrorsAsync()
    {
        while (await _process.StandardError.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            lock (_lock)
            {
                if (_errors.Count == ErrorLines)
                {
                    _errors.Dequeue();
                }

                _errors.Enqueue(line.Length > MaxLineLength ? line[..MaxLineLength] : line);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
