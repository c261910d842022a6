using Comms.Media.Io;
using Comms.Media.Node;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Io;

/// <summary>Voice goes first where the system allows it, and nothing fails where it does not.</summary>
public sealed class ThreadNicenessTests
{
    [Fact]
    public async Task Media_loops_go_before_other_threads_and_no_other_thread_changes()
    {
        const int Wanted = -2;
        bool isAllowed = false;
        var probe = new Thread(() => isAllowed = ThreadNiceness.TrySet(Wanted));
        probe.Start();
        probe.Join();
        int own = NicenessOf("/proc/self/stat");
        await using var node = new MediaNode(new MediaOptions { MediaPort = 0, BindAddresses = "127.0.0.1", AllowLoopbackCandidates = true, LoopNiceness = Wanted }, NullLoggerFactory.Instance);
        node.Start();
        await node.PingAsync();

        int[] loops = [.. Directory.GetDirectories("/proc/self/task").Where(IsLoop).Select(task => NicenessOf(Path.Combine(task, "stat")))];
        Assert.Equal(isAllowed, loops.Contains(Wanted));
        Assert.Equal(own, NicenessOf("/proc/self/stat"));
    }

    private static bool IsLoop(string task) =>
        File.Exists(Path.Combine(task, "comm")) && File.ReadAllText(Path.Combine(task, "comm")).StartsWith("media-loop", StringComparison.Ordinal);

    /// <summary>proc(5): the 19th field, which is the 17th after the name in parentheses.</summary>
    private static int NicenessOf(string statFile)
    {
        string stat = File.ReadAllText(statFile);
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16]);
    }
}
