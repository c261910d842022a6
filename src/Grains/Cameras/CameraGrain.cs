using System.Text.Json;
using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Comms.Grains.Events;
using Comms.Grains.Storage;

namespace Comms.Grains.Cameras;

/// <summary>One camera: its stored definition and sealed sources, and which nodes should run its feeds now.</summary>
public sealed class CameraGrain(
    [PersistentState("camera")] IPersistentState<CameraState> state,
    CatalogWriter catalog,
    ISecretBox secrets,
    IJournal journal,
    GrainOptions options,
    TimeProvider time) : Grain, ICameraGrain
{
    private readonly CameraFeeds _feeds = new(TimeSpan.FromMilliseconds(options.ReportExpiryMs));

    private IGrainTimer _deadline = null!;
    private CameraStatus _status = null!;

    private string Id => this.GetPrimaryKeyString();

    private string Purpose => $"camera/{Id}";

    private INodeDirectoryGrain Nodes => GrainFactory.GetGrain<INodeDirectoryGrain>(NodeDirectory.Key);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _status = new CameraStatus(Id, CameraFeedState.Idle, "", 0, "", time.GetUtcNow(), state.State.Health, state.State.Facts);
        SetGrace();
        _deadline = this.RegisterGrainTimer(
            HandleTimeout,
            new GrainTimerCreationOptions(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan) { KeepAlive = true });
        return Task.CompletedTask;
    }

    public Task<CameraRecord?> Get() => Task.FromResult(Record());

    public Task<CameraFeedStart?> GetProbe() => Task.FromResult(StartOf(CameraProfile.Main));

    public Task<CameraStatus> GetStatus() => Task.FromResult(_status);

    public Task<IReadOnlyList<CameraViewer>> GetViewers() => Task.FromResult(_feeds.Viewers);

    public async Task<Outcome> Put(CameraDefinition definition, CameraSources sources, Actor actor)
    {
        Outcome? fault = CameraRules.Check(Id, definition) ?? CameraRules.Check(sources);
        if (fault is not null)
        {
            return fault;
        }

        if (sources.Main is null && state.State.SealedSource.Length == 0)
        {
            return DefinitionRules.Invalid("A new camera needs a source.");
        }

        bool isMoved = IsNew(sources.Main, CameraProfile.Main) || IsNew(sources.Sub, CameraProfile.Sub);
        CameraState next = Next(definition, sources);
        if (isMoved || next.Definition != state.State.Definition)
        {
            await catalog.ListAsync(CatalogKind.Camera, Id);
            await state.ReplaceAsync(next);
            SetGrace();
            journal.Append(time, "camera.changed", Id, actor, isMoved ? "put with source" : "put");
        }

        await catalog.ChangedAsync(CatalogKind.Camera, Id, index => index.Set(Record()!));
        if (isMoved)
        {
            await RestartAsync();
            await PublishAsync();
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
        if (state.State.Definition is not { } definition)
        {
            return new CameraViewReply(DefinitionRules.NotFound("camera"), null);
        }

        if (await Nodes.Find(viewer.NodeId) is not { } node)
        {
            return new CameraViewReply(new Outcome(OutcomeCode.Conflict, "The viewer's node is not live yet."), null);
        }

        CameraViewer attached = definition.HasSub ? viewer : viewer with { Profile = CameraProfile.Main };
        if (_feeds.Attach(attached, time.GetUtcNow()) && StartOf(attached.Profile) is { } feed)
        {
            node.StartFeed(feed);
        }

        journal.Append(time, "camera.viewed", Id, viewer.Actor, "");
        await PublishAsync();
        return new CameraViewReply(Outcome.Ok, _status, attached.Profile);
    }

    public Task DetachViewer(string viewerId, CameraProfile profile)
    {
        _feeds.Detach(viewerId, profile, time.GetUtcNow());
        return PublishAsync();
    }

    public Task ReportProbe(CameraEvidence evidence) => TakeInAsync(evidence);

    public async Task<CameraOrder> Report(CameraReport report)
    {
        bool shouldRun = state.State.Definition is not null && _feeds.Report(report, time.GetUtcNow());
        if (report.Evidence is { } evidence)
        {
            await TakeInAsync(evidence);
        }

        await PublishAsync();
        return new CameraOrder(shouldRun, shouldRun && report.State == CameraFeedState.Idle ? StartOf(report.Profile) : null);
    }

    // Only what changed is stored and told; that a new camera is well is no event.
    private async Task TakeInAsync(CameraEvidence evidence)
    {
        CameraHealth known = state.State.Health;
        CameraHealth next = CameraHealthRules.After(known, evidence);
        CameraFacts? facts = evidence.Facts ?? state.State.Facts;
        if (state.State.Definition is null || (next == known && facts == state.State.Facts))
        {
            return;
        }

        await state.ReplaceAsync(state.State.With(next, facts));
        bool isFirstSight = known.Condition == CameraCondition.Unknown && next.Condition == CameraCondition.Online;
        if (next.Condition != known.Condition && !isFirstSight)
        {
            journal.Append(time, $"camera.{next.Condition.ToString().ToLowerInvariant()}", Id, Actor.System, next.Reason);
        }

        await PublishAsync();
    }

    private async Task HandleTimeout()
    {
        await StopAsync(_feeds.HandleTimeout(time.GetUtcNow()));
        await PublishAsync();
    }

    // A camera that moved is taken in anew where it runs; its viewers stay attached.
    private async Task RestartAsync()
    {
        foreach (FeedPlace place in _feeds.Places)
        {
            if (await Nodes.Find(place.NodeId) is { } node && StartOf(place.Profile) is { } feed)
            {
                node.StopFeed(Id, place.Profile);
                node.StartFeed(feed);
            }
        }
    }

    private async Task StopAsync(IReadOnlyList<FeedPlace> places)
    {
        foreach (FeedPlace place in places)
        {
            if (await Nodes.Find(place.NodeId) is { } node)
            {
                node.StopFeed(Id, place.Profile);
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
        var next = new CameraStatus(
            Id, feed, reason, _feeds.Viewers.Count, nodeId, feed == _status.State ? _status.Since : now,
            state.State.Health, state.State.Facts);
        if (next != _status)
        {
            _status = next;
            await Nodes.AnnounceCamera(next);
        }
    }

    private bool IsNew(CameraSource? source, CameraProfile profile) =>
        source is not null && source != (OpenSource(profile) ?? new CameraSource(""));

    private CameraState Next(CameraDefinition definition, CameraSources sources)
    {
        byte[] sub = sources.Sub switch
        {
            null => state.State.SealedSub,
            { Url.Length: 0 } => [],
            { } given => Seal(given),
        };
        bool isMoved = IsNew(sources.Main, CameraProfile.Main);
        return new CameraState
        {
            Definition = definition with { HasSub = sub.Length > 0 },
            SealedSource = sources.Main is { } main ? Seal(main) : state.State.SealedSource,
            SealedSub = sub,
            Health = isMoved ? CameraHealth.Unknown : state.State.Health,
            Facts = isMoved ? null : state.State.Facts,
        };
    }

    private CameraRecord? Record() =>
        state.State.Definition is { } definition ? new CameraRecord(definition, state.State.Health, state.State.Facts) : null;

    private void SetGrace() => _feeds.Grace = TimeSpan.FromMilliseconds(
        state.State.Definition is { Policy: CameraPolicy.KeptWarm } ? options.CameraWarmMs : options.CameraGraceMs);

    // A viewer of a sub source that was taken away meanwhile gets the main one.
    private CameraFeedStart? StartOf(CameraProfile profile) =>
        state.State.Definition is { } definition && (OpenSource(profile) ?? OpenSource(CameraProfile.Main)) is { } source
            ? new CameraFeedStart(Id, profile, source, definition.Site)
            : null;

    private CameraSource? OpenSource(CameraProfile profile) =>
        secrets.TryOpen(profile == CameraProfile.Sub ? state.State.SealedSub : state.State.SealedSource, Purpose, out byte[] plain)
            ? JsonSerializer.Deserialize<CameraSource>(plain)
            : null;

    private byte[] Seal(CameraSource source) => secrets.Seal(JsonSerializer.SerializeToUtf8Bytes(source), Purpose);
}
