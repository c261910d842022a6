using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.H264;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>Cameras that do something wrong: the viewer is told what, or sees the picture all the same.</summary>
public sealed class LyingCameraTests : IDisposable
{
    private readonly FeedNode _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData(CameraLie.SpeaksHttp, "the source's data cannot be understood")]
    [InlineData(CameraLie.HangsUpAfterDescribe, "the camera closed the connection")]
    [InlineData(CameraLie.AudioOnly, "the source has no video")]
    [InlineData(CameraLie.NoMedia, "the source has no video")]
    [InlineData(CameraLie.NeverAnswers, "the camera does not answer")]
    [InlineData(CameraLie.IsFull, "453 the camera allows no further session")]
    public async Task A_camera_without_a_picture_is_named_and_tried_again_ever_more_seldom(CameraLie lie, string reason)
    {
        using var camera = await LyingCamera.StartAsync(lie);
        await _node.StartAsync("c", camera.Url);
        Assert.Equal(reason, _node.WaitFor("c", FeedState.Reconnecting));
        await FeedNode.UntilAsync(() => camera.Connections >= 2, "a second attempt");
        Assert.Equal(reason, (await _node.Hub.SnapshotAsync()).Single().Reason);
    }

    [Theory]
    [InlineData(CameraLie.EndlessHeaders, "the source's data cannot be understood")]
    [InlineData(CameraLie.LongLine, "the source's data cannot be understood")]
    [InlineData(CameraLie.NegativeLength, "the source's data cannot be understood")]
    [InlineData(CameraLie.RedirectsInCircles, "the camera redirects in a circle, or to an address that is not allowed")]
    public async Task A_hostile_camera_costs_a_line_of_the_log_now_and_then_and_nothing_else(CameraLie lie, string reason)
    {
        using var camera = await LyingCamera.StartAsync(lie);
        using var honest = await LyingCamera.StartAsync(CameraLie.FillsIn);
        await _node.StartAsync("honest", honest.Url);
        var viewer = _node.View("honest", 0);
        await _node.StartAsync("hostile", camera.Url);
        Assert.Equal(reason, _node.WaitFor("hostile", FeedState.Reconnecting));
        await FeedNode.UntilAsync(() => camera.Connections >= 3, "a third attempt");
        Assert.Equal(reason, (await _node.Hub.SnapshotAsync()).Single(feed => feed.Camera == "hostile").Reason);
        Assert.InRange(_node.Changes, 3, 6);

        // The other camera, which puts stray packets and garbage between its pictures, is watched as if nothing were.
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 20, "the other camera's pictures");
        Assert.Equal(0, viewer.LostPackets);
        Assert.True(_node.DropsOf(DropReason.UnknownChannel) >= 20);
        Assert.Equal(0, _node.DropsOf(DropReason.DamagedPicture));
        Assert.Equal(1, honest.Connections);
    }

    [Fact]
    public async Task A_password_that_was_changed_is_tried_once_and_then_never_again_by_itself()
    {
        using var camera = await LyingCamera.StartAsync(CameraLie.ChangesPassword);
        await _node.StartAsync("c", camera.Url.Replace("rtsp://", "rtsp://u:old@", StringComparison.Ordinal));
        _node.WaitFor("c", FeedState.Live);
        while (_node.WaitFor("c", FeedState.Reconnecting) != "401 unauthorized: wrong user name or password")
        {
        }

        Assert.Equal(2, camera.Connections);
        await _node.Hub.StopAsync("c");
        await _node.StartAsync("c", camera.Url.Replace("rtsp://", "rtsp://u:old@", StringComparison.Ordinal));
        Assert.Equal("401 unauthorized: wrong user name or password", _node.WaitFor("c", FeedState.Reconnecting));
        Assert.Equal(2, camera.Connections);
        await _node.StartAsync("c", camera.Url.Replace("rtsp://", "rtsp://u:new@", StringComparison.Ordinal));
        _node.WaitFor("c", FeedState.Live);
        Assert.Equal(3, camera.Connections);
    }

    [Theory]
    [InlineData(CameraLie.BreaksDescription)]
    [InlineData(CameraLie.SendsLargePackets)]
    public async Task A_broken_description_and_packets_of_60_kB_are_taken_as_they_are(CameraLie lie)
    {
        using var camera = await LyingCamera.StartAsync(lie);
        await _node.StartAsync("c", camera.Url);
        var viewer = _node.View("c", 1);
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 20, "pictures");
        Assert.Equal(0, viewer.LostPackets);
        await viewer.AssertDecodesAsync();
        Assert.Null((await _node.Hub.SnapshotAsync())[0].RelayProcessId);
    }

    [Fact]
    public async Task A_camera_that_goes_silent_is_noticed_and_pulled_anew()
    {
        using var camera = await LyingCamera.StartAsync(CameraLie.Stalls);
        await _node.StartAsync("c", camera.Url);
        _node.WaitFor("c", FeedState.Live);
        Assert.Equal("no packets for 10 s", _node.WaitFor("c", FeedState.Reconnecting));
        _node.WaitFor("c", FeedState.Live);
        Assert.Equal(2, camera.Connections);
    }

    [Fact]
    public async Task A_picture_that_changes_its_size_goes_on_with_new_parameter_sets()
    {
        using var camera = await LyingCamera.StartAsync(CameraLie.ChangesSize);
        await _node.StartAsync("c", camera.Url);
        var viewer = _node.View("c", 1);
        await FeedNode.UntilAsync(() => WidthsOf(viewer).Contains(3840), "the large picture");
        var before = viewer.PictureCount;
        await FeedNode.UntilAsync(() => viewer.PictureCount >= before + 10, "a second of it");
        Assert.Equal(320, WidthsOf(viewer)[0]);
        Assert.Equal(0, viewer.LostPackets);
        await viewer.AssertDecodesAsync();
    }

    [Fact]
    public async Task Timestamps_that_jump_back_do_not_stop_the_picture()
    {
        using var camera = await LyingCamera.StartAsync(CameraLie.StepsBack);
        await _node.StartAsync("c", camera.Url);
        var viewer = _node.View("c", 0);
        await FeedNode.UntilAsync(() => viewer.PictureCount >= 40, "four seconds");
        var steps = viewer.Timestamps.Zip(viewer.Timestamps.Skip(1), (a, b) => (int)(b - a)).ToList();
        Assert.All(steps, step => Assert.InRange(step, 1, 2 * 90_000));
        Assert.InRange((int)(viewer.Timestamps[^1] - viewer.Timestamps[0]), 2 * 90_000, 8 * 90_000);
        Assert.Equal(FeedState.Live.ToString(), (await _node.Hub.SnapshotAsync()).Single().State);
    }

    [Fact]
    public async Task An_h265_camera_is_passed_on_to_whom_can_show_it_and_converted_once_for_all_others()
    {
        using var camera = await LyingCamera.StartAsync(CameraLie.SendsH265);
        await _node.StartAsync("c", camera.Url);
        var able = _node.View("c", 0, showsH265: true);
        DumpingViewer[] unable = [_node.View("c", 0), _node.View("c", 1), _node.View("c", 1)];
        await FeedNode.UntilAsync(() => unable.All(viewer => viewer.PictureCount >= 20) && able.PictureCount >= 20, "pictures for all");
        Assert.Equal(VideoCodec.H265, able.Feed!.Codec);
        Assert.All(unable, viewer => Assert.Equal(VideoCodec.H264, viewer.Feed!.Codec));
        Assert.Equal(320, WidthsOf(unable[0])[0]);
        var feeds = await _node.Hub.SnapshotAsync();
        Assert.Single(feeds, feed => feed.RelayProcessId is not null);
        Assert.Equal(VideoCodec.H265, feeds.Single(feed => feed.State == "Live").Description!.Codec);
        Assert.Equal(1, camera.Connections);
        await able.AssertDecodesAsync();
        await unable[1].AssertDecodesAsync();

        await _node.Hub.StopAsync("c");
        await FeedNode.UntilAsync(async () => (await _node.Hub.SnapshotAsync()).All(feed => feed.RelayProcessId is null), "the conversion's end");
    }

    private static List<int> WidthsOf(DumpingViewer viewer)
    {
        var widths = new List<int>();
        foreach (var nalUnit in viewer.Pictures.SelectMany(picture => picture))
        {
            if (NalUnit.TypeOf(nalUnit[0]) == NalUnitType.Sps && SequenceParameterSet.TryParse(nalUnit, out var set))
            {
                widths.Add(set.WidthPixels);
            }
        }

        return widths;
    }
}
