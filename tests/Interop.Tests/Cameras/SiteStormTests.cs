using System.Diagnostics;
using System.Globalization;
using Comms.Media.Relay;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>The switch of a site with two thousand cameras reboots.</summary>
public sealed class SiteStormTests : IAsyncLifetime, IDisposable
{
    private const int Cameras = 2_000;
    private const int ConnectsPerSecond = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly FeedNode _node = new(new FeedOptions { ConnectsPerSecondPerSite = ConnectsPerSecond });
    private Process? _farm;
    private int _port;

    [Fact]
    public async Task All_cameras_come_back_within_the_site_s_connect_budget()
    {
        for (var camera = 1; camera <= Cameras; camera++)
        {
            var url = string.Create(CultureInfo.InvariantCulture, $"rtsp://127.80.{camera >> 8}.{camera & 255}:{_port}/cam/{camera}");
            await _node.StartAsync($"{camera}", url, "switch");
        }

        await WaitForLiveAsync(Cameras, "all cameras");
        await StopFarmAsync();
        await WaitForLiveAsync(0, "the darkness");
        var attempts = _node.Hub.Attempts;
        var clock = Stopwatch.StartNew();
        await StartFarmAsync();
        await WaitForLiveAsync(Cameras, "all cameras after the reboot");

        // Each needs one attempt at least; what was tried in vain is inside the budget too.
        Assert.InRange(_node.Hub.Attempts - attempts, 1, (clock.Elapsed.TotalSeconds + 1) * ConnectsPerSecond);
        Assert.True(clock.Elapsed < Patience);
    }

    public Task InitializeAsync() => StartFarmAsync();

    public Task DisposeAsync() => StopFarmAsync();

    public void Dispose() => _node.Dispose();

    private Task WaitForLiveAsync(int count, string what) =>
        FeedNode.UntilAsync(() => _node.Live == count, () => Task.FromResult($"{what}: {_node.Live} of {count} are live"), Patience);

    private async Task StartFarmAsync()
    {
        string[] arguments =
        [
            Path.Combine(AppContext.BaseDirectory, "camera-simulator.dll"), "--host", "0.0.0.0", "--port", $"{_port}", "--cameras", $"{Cameras}", "--clips", "1",
            "--fps", "2", "--kbps", "32", "--cache", SimulatorProcess.ClipFolder,
        ];
        _farm = ChildProcesses.Start(new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true });
        using var patience = new CancellationTokenSource(Patience);
        var line = await _farm.StandardOutput.ReadLineAsync(patience.Token) ?? throw new InvalidOperationException("The farm ended.");
        _port = new Uri(line.Split(' ')[1]).Port;
    }

    private async Task StopFarmAsync()
    {
        if (_farm is not null)
        {
            _farm.Kill();
            await _farm.WaitForExitAsync();
            _farm.Dispose();
            _farm = null;
        }
    }
}
