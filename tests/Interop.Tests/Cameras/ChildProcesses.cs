using System.Collections.Concurrent;
using System.Diagnostics;

namespace Comms.Interop.Tests.Cameras;

/// <summary>
/// Starts programs that end with the test run, however it ends. The kernel's parent-death signal follows the thread that
/// forked, so one thread that never ends starts them all: a pool thread's retirement would kill its children.
/// </summary>
internal static class ChildProcesses
{
    private static readonly BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Done)> s_starts = NewQueue();

    /// <summary>The start info's program and arguments are run behind setpriv.</summary>
    public static Process Start(ProcessStartInfo info)
    {
        List<string> arguments = ["--pdeathsig", "KILL", "--", info.FileName, .. info.ArgumentList];
        info.FileName = "setpriv";
        info.ArgumentList.Clear();
        arguments.ForEach(info.ArgumentList.Add);
        var done = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_starts.Add((info, done));
        return done.Task.GetAwaiter().GetResult();
    }

    private static BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Done)> NewQueue()
    {
        var queue = new BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Done)>();
        new Thread(() => Run(queue)) { IsBackground = true, Name = "child processes" }.Start();
        return queue;
    }

    private static void Run(BlockingCollection<(ProcessStartInfo Info, TaskCompletionSource<Process> Done)> queue)
    {
        foreach (var (info, done) in queue.GetConsumingEnumerable())
        {
            if (Process.Start(info) is { } process)
            {
                done.SetResult(process);
            }
            else
            {
                done.SetException(new InvalidOperationException($"{info.FileName} does not start."));
            }
        }
    }
}
