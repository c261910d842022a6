using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Bridges;
using Xunit;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>A click on a camera starts its feed, the last viewer's going stops it.</summary>
public sealed class CameraBridgeTests(BridgeServer server) : IClassFixture<BridgeServer>
{
    private static readonly Actor Commander = new("cmd", "", "whep");

    [Fact]
    public async Task First_viewer_starts_the_feed_and_the_last_ones_going_stops_it_after_the_grace_time()
    {
        await AddCameraAsync("cam-a", new CameraSource("rtsp://127.0.0.1:554/a", "us er", "p@s/s:1"));
        CameraViewReply reply = await server.Cameras.ViewAsync(new SessionId(9001), "cam-a", CameraProfile.Main, Commander);
        Assert.True(reply.Outcome.IsOk);
        await server.Cameras.ViewAsync(new SessionId(9002), "cam-a", CameraProfile.Main, Commander);
        await BridgeServer.UntilAsync(() => CountOf("start cam-a") == 1, "the feed starts");
        Assert.Contains("start cam-a rtsp://us%20er:p%40s%2Fs%3A1@127.0.0.1:554/a", server.Media.Calls);

        server.Media.Raise(new FeedChanged("cam-a", FeedState.Live, ""));
        await BridgeServer.UntilAsync(
            () => server.Cameras.GetStatus("cam-a") is { State: CameraFeedState.Live, Viewers: 2 }, "live with two viewers");
        await server.Cameras.StopViewingAsync(new SessionId(9001));
        server.Media.Raise(new SessionEnded(new SessionId(9002), SessionEndReason.Timeout));
        await BridgeServer.UntilAsync(() => CountOf("stop cam-a") == 1, "the feed stops");
        await BridgeServer.UntilAsync(() => server.Cameras.GetStatus("cam-a").State == CameraFeedState.Idle, "idle");
        Assert.Equal(1, CountOf("start cam-a"));
    }

    [Fact]
    public async Task Viewer_who_comes_back_in_the_grace_time_finds_the_feed_running()
    {
        await AddCameraAsync("cam-b", new CameraSource("rtsp://127.0.0.1:554/b"));
        for (int i = 0; i < 5; i++)
        {
            Assert.True((await server.Cameras.ViewAsync(new SessionId(9010 + i), "cam-b", CameraProfile.Main, Commander)).Outcome.IsOk);
            await server.Cameras.StopViewingAsync(new SessionId(9010 + i));
        }

        await BridgeServer.UntilAsync(() => CountOf("stop cam-b") == 1, "the feed stops once");
        Assert.Equal(1, CountOf("start cam-b"));
    }

    [Fact]
    public async Task Lost_feed_is_started_again_by_the_next_report()
    {
        await AddCameraAsync("cam-c", new CameraSource("rtsp://127.0.0.1:554/c"));
        await server.Cameras.ViewAsync(new SessionId(9020), "cam-c", CameraProfile.Main, Commander);
        await BridgeServer.UntilAsync(() => CountOf("start cam-c") == 1, "the feed starts");
        server.Media.Raise(new FeedChanged("cam-c", FeedState.Stopped, "node lost it"));
        await BridgeServer.UntilAsync(() => CountOf("start cam-c") == 2, "the feed starts again");
    }

    [Fact]
    public async Task Unknown_camera_and_ended_session_are_not_found()
    {
        await AddCameraAsync("cam-d", new CameraSource("rtsp://127.0.0.1:554/d"));
        Assert.Equal(OutcomeCode.NotFound, (await server.Cameras.ViewAsync(new SessionId(9030), "no-such", CameraProfile.Main, Commander)).Outcome.Code);
        server.Media.Raise(new SessionEnded(new SessionId(9031), SessionEndReason.Closed));
        Assert.Equal(OutcomeCode.NotFound, (await server.Cameras.ViewAsync(new SessionId(9031), "cam-d", CameraProfile.Main, Commander)).Outcome.Code);
    }

    [Fact]
    public async Task Camera_given_another_source_is_taken_in_anew_and_keeps_its_viewer()
    {
        await AddCameraAsync("cam-e", new CameraSource("rtsp://127.0.0.1:554/old"));
        await server.Cameras.ViewAsync(new SessionId(9040), "cam-e", CameraProfile.Main, Commander);
        await AddCameraAsync("cam-e", new CameraSource("rtsp://127.0.0.1:554/new"));
        await BridgeServer.UntilAsync(() => server.Media.Calls.Contains("start cam-e rtsp://127.0.0.1:554/new"), "the new source runs");
        Assert.Equal(1, (await server.Grains.GetGrain<ICameraGrain>("cam-e").GetStatus()).Viewers);
        Assert.Equal("stop cam-e", server.Media.Calls.Last(call => !call.Contains("/new", StringComparison.Ordinal) && call.Contains("cam-e", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Profile_is_changed_without_a_moment_in_which_nobody_watches()
    {
        await AddCameraAsync("cam-f", new CameraSource("rtsp://127.0.0.1:554/f"), new CameraSource("rtsp://127.0.0.1:554/small"));
        var session = new SessionId(9050);
        Assert.Equal(CameraProfile.Sub, (await server.Cameras.ViewAsync(session, "cam-f", CameraProfile.Sub, Commander)).Profile);
        Assert.Equal(CameraProfile.Main, (await server.Cameras.ViewAsync(session, "cam-f", CameraProfile.Main, Commander)).Profile);
        await BridgeServer.UntilAsync(() => CountOf("stop cam-f/sub") == 1, "the sub feed stops");
        Assert.Contains("start cam-f/sub rtsp://127.0.0.1:554/small", server.Media.Calls);
        Assert.Contains("start cam-f rtsp://127.0.0.1:554/f", server.Media.Calls);
        Assert.Equal(0, CountOf("stop cam-f"));
        Assert.Equal(CameraProfile.Main, Assert.Single(await server.Grains.GetGrain<ICameraGrain>("cam-f").GetViewers()).Profile);
    }

    [Fact]
    public async Task Camera_that_fails_twice_is_offline_with_its_reason_and_one_that_answers_is_online()
    {
        await AddCameraAsync("cam-p", new CameraSource("rtsp://127.0.0.1:554/p", "u", "p"));
        await BridgeServer.UntilAsync(() => CountOf("probe cam-p") >= 1, "the camera is asked");
        Assert.Contains("probe cam-p rtsp://u:p@127.0.0.1:554/p", server.Media.Calls);
        server.Media.Raise(new CameraProbed("cam-p", ""));
        await BridgeServer.UntilAsync(() => HealthOf("cam-p").Condition == CameraCondition.Online, "online");
        server.Media.Raise(new CameraProbed("cam-p", "connection refused"));
        server.Media.Raise(new CameraProbed("cam-p", "connection refused"));
        await BridgeServer.UntilAsync(() => HealthOf("cam-p") is { Condition: CameraCondition.Offline, Reason: "connection refused" }, "offline");
        await BridgeServer.UntilAsync(
            async () => (await server.Journal.ReadLast(100)).Count(entry => entry.Kind == "camera.offline" && entry.Subject == "cam-p") == 1,
            "one event in the journal");
    }

    [Fact]
    public async Task Camera_that_is_always_on_is_taken_in_without_a_viewer_until_its_policy_changes()
    {
        var source = new CameraSource("rtsp://127.0.0.1:554/k");
        var camera = new CameraDefinition("cam-k", "桥", "Bridge", "east", "police", Policy: CameraPolicy.AlwaysOn);
        ICameraGrain grain = server.Grains.GetGrain<ICameraGrain>("cam-k");
        Assert.True((await grain.Put(camera, new CameraSources(source), BridgeServer.Admin)).IsOk);
        await BridgeServer.UntilAsync(() => CountOf("start cam-k") == 1, "the camera is taken in");
        server.Media.Raise(new FeedChanged("cam-k", FeedState.Live, ""));
        await BridgeServer.UntilAsync(() => server.Cameras.GetStatus("cam-k") is { State: CameraFeedState.Live, Viewers: 0 }, "live without a viewer");
        Assert.Equal(0, CountOf("stop cam-k"));

        Assert.True((await grain.Put(camera with { Policy = CameraPolicy.OnDemand }, new CameraSources(), BridgeServer.Admin)).IsOk);
        await BridgeServer.UntilAsync(() => CountOf("stop cam-k") == 1, "it is let go");
    }

    [Fact]
    public async Task Camera_of_a_site_that_this_node_does_not_reach_is_not_shown_here()
    {
        var source = new CameraSources(new CameraSource("rtsp://127.0.0.1:554/far"));
        var camera = new CameraDefinition("cam-far", "桥", "Bridge", "east", "police", Site: "elsewhere");
        Assert.True((await server.Grains.GetGrain<ICameraGrain>("cam-far").Put(camera, source, BridgeServer.Admin)).IsOk);
        CameraViewReply reply = await server.Cameras.ViewAsync(new SessionId(9060), "cam-far", CameraProfile.Main, Commander);
        Assert.Equal(OutcomeCode.Conflict, reply.Outcome.Code);
        Assert.Contains("site", reply.Outcome.Detail, StringComparison.Ordinal);
        Assert.Equal(0, CountOf("start cam-far"));
    }

    [Fact]
    public async Task What_a_picture_teaches_is_kept_and_rare_key_frames_are_named()
    {
        await AddCameraAsync("cam-s", new CameraSource("rtsp://127.0.0.1:554/s"));
        await server.Cameras.ViewAsync(new SessionId(9070), "cam-s", CameraProfile.Main, Commander);
        await BridgeServer.UntilAsync(() => CountOf("start cam-s") == 1, "the feed starts");
        server.Media.Raise(new FeedChanged("cam-s", FeedState.Live, ""));
        server.Media.Raise(new FeedDescribed("cam-s", new FeedDescription
        {
            Codec = VideoCodec.H265, WidthPixels = 2560, HeightPixels = 1440, KeyFrameIntervalMs = 20_040, Audio = AudioCodec.Pcma,
        }));
        await BridgeServer.UntilAsync(
            () => HealthOf("cam-s") is { Condition: CameraCondition.Degraded, Reason: "key frame every 20 s" }, "the camera is slow to appear");
        Assert.Equal(
            new CameraFacts("hevc", 2560, 1440, 20_000, "pcm_alaw", false),
            (await server.Grains.GetGrain<ICameraGrain>("cam-s").Get())!.Facts);

        server.Media.Raise(new FeedChanged("cam-s", FeedState.Reconnecting, "401 unauthorized: wrong user name or password"));
        await BridgeServer.UntilAsync(() => HealthOf("cam-s").Condition == CameraCondition.Faulty, "a wrong password is named at once");
    }

    [Theory]
    [InlineData("rtsp://h/1", "", "", "rtsp://h/1")]
    [InlineData("rtsp://h:554/1?x=1", "admin", "", "rtsp://admin@h:554/1?x=1")]
    [InlineData("rtsp://[::1]:554/1", "a:b", "@evil.example/", "rtsp://a%3Ab:%40evil.example%2F@[::1]:554/1")]
    [InlineData("rtsp://h/1", "管理", "密#?", "rtsp://%E7%AE%A1%E7%90%86:%E5%AF%86%23%3F@h/1")]
    public void Credentials_are_percent_encoded_into_the_url(string url, string user, string password, string expected)
    {
        string composed = CameraUrl.Compose(new CameraSource(url, user, password));
        Assert.Equal(expected, composed);
        Assert.Equal(new Uri(url).Host, new Uri(composed).Host);
    }

    private CameraHealth HealthOf(string id) => server.Index.FindCameraRecord(id)!.Health;

    private int CountOf(string call) => server.Media.Calls.Count(entry => entry == call || entry.StartsWith(call + " ", StringComparison.Ordinal));

    private async Task AddCameraAsync(string id, CameraSource source, CameraSource? sub = null)
    {
        var camera = new CameraDefinition(id, "桥", "Bridge", "east", "police");
        Assert.True((await server.Grains.GetGrain<ICameraGrain>(id).Put(camera, new CameraSources(source, sub), BridgeServer.Admin)).IsOk);
    }
}
