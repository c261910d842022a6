using System.Text.Json;
using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.Cameras;

/// <summary>One camera: its stored definition and sealed source, and which nodes should run its feed now.</summary>
public sealed class CameraGrain(
    [PersistentState("camera")] IPersistentState<CameraState> state,
    CatalogWriter catalog,
    ISecretBox secrets,
    IJournal journal,
    GrainOptions options,
    TimeProvider time) : Grain, ICameraGrain
{
    private readonly CameraFeeds _feeds = new(
        TimeSpan.FromMilliseconds(options.CameraGraceMs), TimeSpan.FromMilliseconds(options.ReportExpiryMs));

    private IGrainTimer _deadline = null!;
    private CameraStatus _status = null!;

    private string Id => this.GetPrimaryKeyString();

    private string Purpose => $"camera/{Id}";

    private INodeDirectoryGrain Nodes => GrainFactory.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _status = new CameraStatus(Id, CameraFeedState.Idle, "", 0, "", time.GetUtcNow());
        _deadline = this.RegisterGrainTimer(
            HandleTimeout,
            new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public Task<CameraDefinition?> Get() => Task.FromResult(state.State.Definition);

    public Task<CameraStatus> GetStatus() => Task.FromResult(_status);

    public async Task<Outcome> Put(CameraDefinition definition, CameraSource? source, Actor actor)
    {
        Outcome? fault = CameraRules.Check(Id, definition) ?? (source is null ? null : CameraRules.Check(source));
        if (fault is not null)
        {
            return fault;
        }

        if (source is null && state.State.SealedSource.Length == 0)
        {
            return DefinitionRules.Invalid("A new camera needs a source.");
        }

        bool isMoved = source is not null && source != OpenSource();
        await catalog.ListAsync(CatalogKind.Camera, Id);
        await state.ReplaceAsync(new CameraState
        {
            Definition = definition,
            SealedSource = source is null ? state.State.SealedSource : Seal(source),
        });
        journal.Append(time, "camera.changed", Id, actor, isMoved ? "put with source" : "put");
        await catalog.ChangedAsync(CatalogKind.Camera, Id, index => index.Set(definition));
        if (isMoved)
        {
            await RestartAsync();
        }

        return Outcome.Ok;
    }

    public async Task<Outcome> Remove(Actor actor)
    {
        if (state.State.Definition is null)
        {
            return DefinitionRules.NotFound("camera");
        }

        await state.ClearStateAsync();
        journal.Append(time, "camera.removed", Id, actor, "");
        await StopAsync(_feeds.Clear());
        await PublishAsync();
        await catalog.RemovedAsync(CatalogKind.Camera, Id);
        return Outcome.Ok;
    }

    public async Task<CameraViewReply> AttachViewer(CameraViewer viewer)
    {
        if (OpenSource() is not { } source)
        {
            return new CameraViewReply(DefinitionRules.NotFound("camera"), null);
        }

        if (await Nodes.Find(viewer.NodeId) is not { } node)
        {
            return new CameraViewReply(new Outcome(OutcomeCode.Conflict, "The viewer's node is not live yet."), null);
        }

        if (_feeds.Attach(viewer.NodeId, viewer.ViewerId, time.GetUtcNow()))
        {
            node.StartFeed(Id, source);
        }

        journal.Append(time, "camera.viewed", Id, viewer.Actor, "");
        await PublishAsync();
        return new CameraViewReply(Outcome.Ok, _status);
    }

    public Task DetachViewer(string viewerId)
    {
        _feeds.Detach(viewerId, time.GetUtcNow());
        return PublishAsync();
    }

    public async Task<CameraOrder> Report(CameraReport report)
    {
        bool shouldRun = state.State.Definition is not null && _feeds.Report(report, time.GetUtcNow());
        await PublishAsync();
        return new CameraOrder(shouldRun, shouldRun && report.State == CameraFeedState.Idle ? OpenSource() : null);
    }

    private async Task HandleTimeout()
    {
        await StopAsync(_feeds.HandleTimeout(time.GetUtcNow()));
        await PublishAsync();
    }

    // A camera that moved is taken in anew where it runs; its viewers stay attached.
    private async Task RestartAsync()
    {
        CameraSource source = OpenSource()!;
        foreach (string nodeId in _feeds.Nodes)
        {
            if (await Nodes.Find(nodeId) is { } node)
            {
                node.StopFeed(Id);
                node.StartFeed(Id, source);
            }
        }
    }

    private async Task StopAsync(IReadOnlyList<string> nodeIds)
    {
        foreach (string nodeId in nodeIds)
        {
            if (await Nodes.Find(nodeId) is { } node)
            {
                node.StopFeed(Id);
            }
        }
    }

    private async Task PublishAsync()
    {
        DateTimeOffset now = time.GetUtcNow();
        TimeSpan due = _feeds.NextDeadline is { } deadline
            ? TimeSpan.FromMilliseconds(Math.Max(0, (deadline - now).TotalMilliseconds) + 1)
            : Timeout.InfiniteTimeSpan;
        _deadline.Change(due, Timeout.InfiniteTimeSpan);

        (string nodeId, CameraFeedState feed, string reason) = _feeds.Best();
        var next = new CameraStatus(Id, feed, reason, _feeds.Viewers, nodeId, feed == _status.State ? _status.Since : now);
        if (next != _status)
        {
            _status = next;
            await Nodes.AnnounceCamera(next);
        }
    }

    private CameraSource? OpenSource() =>
        state.State.Definition is not null && secrets.TryOpen(state.State.SealedSource, Purpose, out byte[] plain)
            ? JsonSerializer.Deserialize<CameraSource>(plain)
            : null;

    private byte[] Seal(CameraSource source) => secrets.Seal(JsonSerializer.SerializeToUtf8Bytes(source), Purpose);
}
