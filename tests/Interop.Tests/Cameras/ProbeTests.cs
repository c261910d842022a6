using Comms.Media.Node;
using Comms.Media.Relay;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>Asking cameras for a sign of life.</summary>
public sealed class ProbeTests(SimulatorProcess simulator) : IClassFixture<SimulatorProcess>, IDisposable
{
    private readonly FeedNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Camera_answers_with_and_without_a_password_and_nothing_is_pulled()
    {
        Assert.Equal("", Ask("open", $"{simulator.Url}/cam/1"));
        Assert.Equal("", Ask("guarded", $"rtsp://{SimulatorProcess.User}:wrong@{simulator.GuardedAuthority}/cam/1"));
        Assert.Equal("", Ask("web", simulator.Url.Replace("rtsp://", "http://", StringComparison.Ordinal) + "/live.m3u8"));
    }

    [Fact]
    public async Task Dead_port_a_silent_camera_and_a_stranger_are_told_apart()
    {
        Assert.Equal(RelayReason.ConnectionRefused, Ask("dead", $"rtsp://127.0.0.1:{FreePorts.Tcp()}/1"));
        using LyingCamera silent = await LyingCamera.StartAsync(CameraLie.NeverAnswers);
        Assert.Equal(RelayReason.NoAnswer, Ask("silent", silent.Url));
        Assert.Equal(RelayReason.UnknownHost, Ask("nameless", "rtsp://no-such-host.invalid/1"));
    }

    [Fact]
    public void Source_that_cannot_be_asked_over_TCP_is_left_alone() =>
        Assert.False(_node.Hub.Probe("srt", new FeedSource { Url = "srt://127.0.0.1:9000" }));

    private string Ask(string camera, string url)
    {
        Assert.True(_node.Hub.Probe(camera, new FeedSource { Url = url }));
        return _node.WaitForProbe(camera);
    }
}
