using System.Collections.Concurrent;
using System.Globalization;
using Comms.Media.Io;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>What a relay's ffmpeg may take of the machine, read from the kernel.</summary>
public sealed class RelayLimitsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Memory_and_priority_are_limited_in_the_running_process()
    {
        var owner = new Owner();
        using var launcher = new FfmpegProcessLauncher(limits: new FfmpegLimits { MemoryMb = 700, Niceness = 3 });
        launcher.Start(["-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"], owner);
        Assert.True(owner.Started.TryTake(out var process, Patience), "ffmpeg did not start");
        await Eventually.TrueAsync(() => Read(process, "comm").Trim() == "ffmpeg", "ffmpeg in place of its launcher");
        var limits = Read(process, "limits").Split('\n').Single(line => line.StartsWith("Max address space", StringComparison.Ordinal));
        Assert.Contains((700L << 20).ToString(CultureInfo.InvariantCulture), limits, StringComparison.Ordinal);
        var own = int.Parse(Read(Environment.ProcessId, "stat").Split(") ")[1].Split(' ')[16], CultureInfo.InvariantCulture);
        var niceness = int.Parse(Read(process, "stat").Split(") ")[1].Split(' ')[16], CultureInfo.InvariantCulture);
        Assert.Equal(Math.Min(19, own + 3), niceness);
    }

    [Fact]
    public void A_process_that_wants_more_memory_ends_and_says_so()
    {
        var owner = new Owner();
        using var launcher = new FfmpegProcessLauncher(limits: new FfmpegLimits { MemoryMb = 450 });
        launcher.Start(["-nostdin", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=8000x8000", "-frames:v", "2", "-c:v", "libx264", "-preset", "ultrafast", "-f", "null", "-"], owner);
        Assert.True(owner.Ended.TryTake(out var end, Patience), "ffmpeg did not end");
        var (code, errors) = end;
        Assert.NotEqual(0, code);
        Assert.Equal("the relay needs more memory than it may take", Comms.Media.Relay.RelayReason.Of(code, errors));
    }

    private static string Read(int process, string file) => File.ReadAllText($"/proc/{process}/{file}");

    private sealed class Owner : IFfmpegProcessOwner
    {
        public BlockingCollection<int> Started { get; } = [];

        public BlockingCollection<(int Code, IReadOnlyList<string> Errors)> Ended { get; } = [];

        public void HandleStarted(FfmpegProcess process) => Started.Add(process.Id);

        public void HandleExited(int exitCode, IReadOnlyList<string> errorTail) => Ended.Add((exitCode, errorTail));
    }
}
