using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Cluster;

/// <summary>A camera in a cluster: where its profiles run, who watches, what is stored.</summary>
[Collection(TwoSilos.Name)]
public sealed class CameraGrainTests(TwoSilos cluster)
{
    private static readonly CameraSource MainSource = new("rtsp://10.0.0.1/1", "u", "secret");
    private static readonly CameraSource SubSource = new("rtsp://10.0.0.1/2", "u", "secret");

    [Fact]
    public async Task Camera_starts_on_the_viewers_node_and_a_dead_node_is_refused()
    {
        string id = cluster.NewId("cam");
        ICameraGrain camera = await AddAsync(id, new CameraSources(MainSource));
        (RecordingObserver node, string nodeId) = await AddNodeAsync();
        CameraViewer viewer = Viewer("v1", nodeId, CameraProfile.Main);
        Assert.True((await camera.AttachViewer(viewer)).Outcome.IsOk);
        await TwoSilos.UntilAsync(() => node.Feeds.Contains($"start {id} Main rtsp://10.0.0.1/1 secret"), "the feed starts");
        CameraOrder order = await camera.Report(new CameraReport(nodeId, CameraProfile.Main, CameraFeedState.Idle, "", [viewer]));
        Assert.Equal((true, MainSource), (order.ShouldRun, order.Start?.Source));
        await camera.Report(new CameraReport(nodeId, CameraProfile.Main, CameraFeedState.Live, "", [viewer]));
        CameraStatus status = await camera.GetStatus();
        Assert.Equal((CameraFeedState.Live, nodeId, 1), (status.State, status.RelayNodeId, status.Viewers));
        await TwoSilos.UntilAsync(() => node.Cameras.Any(told => told.CameraId == id && told.State == CameraFeedState.Live), "live is told");
        INodeDirectoryGrain nodes = cluster.Grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key);
        Assert.Contains(await nodes.GetBusyCameras(), busy => busy.CameraId == id);
        Assert.False((await camera.AttachViewer(Viewer("v2", "no-such-node", CameraProfile.Main))).Outcome.IsOk);

        await camera.DetachViewer("v1", CameraProfile.Main);
        await TwoSilos.UntilAsync(() => node.Feeds.Contains($"stop {id} Main"), "the feed stops");
        Assert.DoesNotContain(await nodes.GetBusyCameras(), busy => busy.CameraId == id);
    }

    [Fact]
    public async Task Each_profile_runs_by_itself_and_a_missing_sub_source_shows_the_main_one()
    {
        string id = cluster.NewId("cam");
        ICameraGrain camera = await AddAsync(id, new CameraSources(MainSource));
        (RecordingObserver node, string nodeId) = await AddNodeAsync();
        Assert.Equal(CameraProfile.Main, (await camera.AttachViewer(Viewer("v1", nodeId, CameraProfile.Sub))).Profile);

        Assert.True((await camera.Put(Definition(id), new CameraSources(Sub: SubSource), TwoSilos.Admin)).IsOk);
        Assert.True((await camera.Get())!.Definition.HasSub);
        Assert.Equal(CameraProfile.Sub, (await camera.AttachViewer(Viewer("v2", nodeId, CameraProfile.Sub))).Profile);
        await TwoSilos.UntilAsync(() => node.Feeds.Contains($"start {id} Sub rtsp://10.0.0.1/2 secret"), "the sub feed starts");
        Assert.Equal(["v1", "v2"], (await camera.GetViewers()).Select(viewer => viewer.ViewerId).Order());
        await camera.DetachViewer("v2", CameraProfile.Sub);
        await TwoSilos.UntilAsync(() => node.Feeds.Contains($"stop {id} Sub"), "the sub feed stops");
        Assert.DoesNotContain($"stop {id} Main", node.Feeds.SkipWhile(call => !call.Contains("Sub", StringComparison.Ordinal)));

        Assert.True((await camera.Put(Definition(id), new CameraSources(Sub: new CameraSource("")), TwoSilos.Admin)).IsOk);
        Assert.False((await camera.Get())!.Definition.HasSub);
    }

    [Fact]
    public async Task Health_is_told_to_every_node_once_stored_and_forgotten_with_the_source()
    {
        string id = cluster.NewId("cam");
        ICameraGrain camera = await AddAsync(id, new CameraSources(MainSource));
        (RecordingObserver node, _) = await AddNodeAsync();
        var seen = new CameraEvidence(CameraCondition.Offline, "connection refused", DateTimeOffset.UnixEpoch);
        await camera.ReportProbe(seen);
        await camera.ReportProbe(seen with { Since = DateTimeOffset.UnixEpoch.AddMinutes(1) });
        var away = new CameraHealth(CameraCondition.Offline, "connection refused", DateTimeOffset.UnixEpoch);
        await TwoSilos.UntilAsync(() => node.Cameras.Any(told => told.CameraId == id), "the outage is told");
        Assert.Equal(away, Assert.Single(node.Cameras, told => told.CameraId == id).Health);
        Assert.Equal(away, (await camera.Get())!.Health);
        await cluster.IndexOf(1).RefreshAsync(CatalogKind.Camera, id);
        Assert.Equal(away, cluster.IndexOf(1).FindCameraRecord(id)!.Health);

        Assert.True((await camera.Put(Definition(id), new CameraSources(Main: MainSource with { Url = "rtsp://10.0.0.2/1" }), TwoSilos.Admin)).IsOk);
        Assert.Equal(CameraHealth.Unknown, (await camera.Get())!.Health);
    }

    [Fact]
    public async Task Node_that_keeps_a_camera_by_policy_is_told_to_run_it_without_a_viewer()
    {
        string id = cluster.NewId("cam");
        ICameraGrain camera = await AddAsync(id, new CameraSources(MainSource));
        (RecordingObserver node, string nodeId) = await AddNodeAsync();
        var report = new CameraReport(nodeId, CameraProfile.Main, CameraFeedState.Idle, "", [], IsKept: true);
        CameraOrder order = await camera.Report(report);
        Assert.Equal((true, MainSource), (order.ShouldRun, order.Start?.Source));
        Assert.True((await camera.Report(report with { State = CameraFeedState.Live, IsKept = false })).ShouldRun);
        await TwoSilos.UntilAsync(() => node.Feeds.Contains($"stop {id} Main"), "the feed stops when nobody keeps it");
    }

    private static CameraDefinition Definition(string id) => new(id, "桥", "Bridge", "east", "police");

    private static CameraViewer Viewer(string viewerId, string nodeId, CameraProfile profile) =>
        new(viewerId, nodeId, TwoSilos.Admin, profile, DateTimeOffset.UnixEpoch);

    private async Task<(RecordingObserver Node, string NodeId)> AddNodeAsync()
    {
        var node = new RecordingObserver();
        string nodeId = cluster.NewId("node");
        await cluster.Grains.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key).Report(nodeId, cluster.Reference(node), []);
        return (node, nodeId);
    }

    private async Task<ICameraGrain> AddAsync(string id, CameraSources sources)
    {
        ICameraGrain camera = cluster.Grains.GetGrain<ICameraGrain>(id);
        Assert.True((await camera.Put(Definition(id), sources, TwoSilos.Admin)).IsOk);
        return camera;
    }
}
