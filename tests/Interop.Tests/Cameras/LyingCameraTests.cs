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
