using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Microsoft.Extensions.Logging;

namespace Comms.Grains.Directory;

/// <summary>One silo's index of everything catalogued. Reads are lock-free; changes come from grains of this silo and from announcements.</summary>
public sealed class DirectoryIndex(IGrainFactory grains, GrainInstruments instruments, ILogger<DirectoryIndex> log) : IDirectoryIndex
{
    /// <summary>Grain calls in flight while rebuilding: enough to hide the store's latency, few enough to leave room for others.</summary>
    private const int RebuildParallelism = 128;

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IndexTable<UnitDefinition> _units = new();
    private readonly IndexTable<ChannelEntry> _channels = new();
    private readonly IndexTable<CameraEntry> _cameras = new();
    private readonly IndexTable<AccountDefinition> _accounts = new();
    private readonly RehearsalTable _rehearsals = new();
    private TownPaths _towns = TownPaths.Empty;
    private DialPlan _dialPlan = Contracts.DialPlan.Empty;

    public event Action<CatalogChange>? Changed;

    public Task Ready => _ready.Task;

    public IReadOnlyList<TownNode> Towns => Volatile.Read(ref _towns).Nodes;

    public IReadOnlyList<RehearsalDefinition> Rehearsals => _rehearsals.All;

    public DialPlan DialPlan => Volatile.Read(ref _dialPlan);

    public UnitDefinition? FindUnit(string unitId) => _units.Find(unitId) ?? _rehearsals.FindUnit(unitId);

    public ChannelDefinition? FindChannel(string channelId) => _channels.Find(channelId)?.Definition;

    public ChannelDefinition? FindChannelByNumber(string number)
    {
        if (number.Length == 0)
        {
            return null;
        }

        IReadOnlyList<ChannelDefinition> found =
            _channels.Query("", 1, entry => entry.Definition.Number == number, entry => entry.Definition).Items;
        return found.Count == 0 ? null : found[0];
    }

    public IReadOnlyList<AccountDefinition> AccountsOf(string unitId) =>
        _accounts.Query("", int.MaxValue, account => account.UnitId == unitId, account => account).Items;

    public CameraDefinition? FindCamera(string cameraId) => _cameras.Find(cameraId)?.Definition;

    public CameraRecord? FindCameraRecord(string cameraId) => _cameras.Find(cameraId)?.Record;

    public IReadOnlyList<string> CameraIds => _cameras.SortedIds;

    public AccountDefinition? FindAccount(string userName)
    {
        string id = userName.ToLowerInvariant();
        return _accounts.Find(id) ?? _rehearsals.FindAccount(id);
    }

    public bool IsWithin(string townId, string townPath) => Volatile.Read(ref _towns).IsWithin(townId, townPath);

    public ChannelRight GetRight(string channelId, string unitId) =>
        _channels.Find(channelId) is { } channel && FindUnit(unitId) is { } unit
            ? ChannelRules.Evaluate(channel.Definition, channel.Rules, unit, PathOf(unit.TownId))
            : ChannelRight.None;

    /// <summary>The path of a town in ids, "" when there is none.</summary>
    public string PathOf(string townId) => Volatile.Read(ref _towns).PathOf(townId);

    public Page<UnitDefinition> Units(DirectoryQuery query) =>
        Query(_units, query, unit => unit, unit => unit.TownId, unit => [unit.Id, unit.CallSign, unit.NameZh, unit.NameEn]);

    public Page<ChannelDefinition> Channels(DirectoryQuery query) =>
        Query(
            _channels, query, entry => entry.Definition, entry => entry.Definition.TownId,
            entry => [entry.Definition.Id, entry.Definition.Number, entry.Definition.NameZh, entry.Definition.NameEn]);

    public Page<CameraRecord> Cameras(CameraQuery query)
    {
        TownPaths towns = Volatile.Read(ref _towns);
        string text = query.Text.Trim();
        return _cameras.Query(
            query.After, query.Limit,
            entry => towns.IsWithin(entry.Definition.TownId, query.TownPath) && entry.Matches(query, text), entry => entry.Record);
    }

    /// <summary>Takes in what a camera told of itself. No change of the catalog: it is in the same place of every list.</summary>
    public void Set(string cameraId, CameraHealth health, CameraFacts? facts) => _cameras.Find(cameraId)?.Set(health, facts);

    /// <summary>An account lies where its unit lies; one without a unit is found only from the top of the tree.</summary>
    public Page<AccountDefinition> Accounts(DirectoryQuery query) =>
        Query(
            _accounts, query, account => account, account => _units.Find(account.UnitId)?.TownId ?? "",
            account => [account.Id, account.DisplayName]);

    /// <summary>Reads everything from the grains; what the store no longer has is dropped. Completes <see cref="Ready"/>.</summary>
    public async Task RebuildAsync()
    {
        SetTowns(await grains.GetGrain<ITownTreeGrain>(TownTree.Key).GetAll());
        SetDialPlan(await grains.GetGrain<IDialPlanGrain>(Contracts.DialPlan.Key).Get());
        await RebuildAsync(CatalogKind.Unit, _units.Ids);
        await RebuildAsync(CatalogKind.Channel, _channels.Ids);
        await RebuildAsync(CatalogKind.Camera, _cameras.Ids);
        await RebuildAsync(CatalogKind.Account, _accounts.Ids);
        await RebuildAsync(CatalogKind.Rehearsal, _rehearsals.Ids);
        log.IndexRebuilt(_units.Count, _channels.Count, _cameras.Count, _accounts.Count, Towns.Count);
        _ready.TrySetResult();
    }

    /// <summary>Reads one announced thing again.</summary>
    public async Task RefreshAsync(CatalogKind kind, string id)
    {
        switch (kind)
        {
            case CatalogKind.Unit:
                Apply(await grains.GetGrain<IUnitGrain>(id).Get(), Set, kind, id);
                break;
            case CatalogKind.Camera:
                Apply(await grains.GetGrain<ICameraGrain>(id).Get(), Set, kind, id);
                break;
            case CatalogKind.Account:
                Apply(await grains.GetGrain<IAccountGrain>(id).Get(), Set, kind, id);
                break;
            case CatalogKind.Channel:
                IChannelGrain channel = grains.GetGrain<IChannelGrain>(id);
                IReadOnlyList<ChannelRule> rules = await channel.GetRules();
                Apply(await channel.Get(), definition => Set(definition, rules), kind, id);
                break;
            case CatalogKind.Rehearsal:
                Apply(await grains.GetGrain<IRehearsalGrain>(id).Get(), Set, kind, id);
                break;
            case CatalogKind.Town:
                SetTowns(await grains.GetGrain<ITownTreeGrain>(TownTree.Key).GetAll());
                break;
            case CatalogKind.DialPlan:
                SetDialPlan(await grains.GetGrain<IDialPlanGrain>(Contracts.DialPlan.Key).Get());
                break;
        }
    }

    public void Set(UnitDefinition unit) => Raise(_units.Set(unit.Id, unit), CatalogKind.Unit, unit.Id);

    public void Set(ChannelDefinition channel, IReadOnlyList<ChannelRule> rules) =>
        Raise(_channels.Set(channel.Id, new ChannelEntry(channel, rules)), CatalogKind.Channel, channel.Id);

    public void Set(CameraRecord camera)
    {
        string id = camera.Definition.Id;
        Raise(_cameras.Set(id, new CameraEntry(camera)), CatalogKind.Camera, id);
        Set(id, camera.Health, camera.Facts);
    }

    public void Set(AccountDefinition account) => Raise(_accounts.Set(account.Id, account), CatalogKind.Account, account.Id);

    public void Set(RehearsalDefinition rehearsal) => Raise(_rehearsals.Set(rehearsal), CatalogKind.Rehearsal, rehearsal.Id);

    public void SetTowns(IReadOnlyList<TownNode> towns)
    {
        bool isNew = !Towns.SequenceEqual(towns);
        if (isNew)
        {
            Volatile.Write(ref _towns, new TownPaths(towns));
        }

        Raise(isNew, CatalogKind.Town, TownTree.Key);
    }

    public void SetDialPlan(DialPlan plan)
    {
        bool isNew = !DialPlan.Numbers.SequenceEqual(plan.Numbers) || !DialPlan.Trunks.SequenceEqual(plan.Trunks);
        Volatile.Write(ref _dialPlan, plan);
        Raise(isNew, CatalogKind.DialPlan, Contracts.DialPlan.Key);
    }

    public void Remove(CatalogKind kind, string id)
    {
        bool isGone = kind switch
        {
            CatalogKind.Unit => _units.Remove(id),
            CatalogKind.Channel => _channels.Remove(id),
            CatalogKind.Camera => _cameras.Remove(id),
            CatalogKind.Account => _accounts.Remove(id),
            CatalogKind.Rehearsal => _rehearsals.Remove(id),
            _ => false,
        };
        Raise(isGone, kind, id, removed: true);
    }

    private Page<TItem> Query<T, TItem>(
        IndexTable<T> table, DirectoryQuery query, Func<T, TItem> select, Func<T, string> townOf, Func<T, string[]> textsOf)
        where T : class
    {
        TownPaths towns = Volatile.Read(ref _towns);
        string text = query.Text.Trim();
        bool Matches(T item) =>
            towns.IsWithin(townOf(item), query.TownPath)
            && (text.Length == 0 || textsOf(item).Any(own => own.Contains(text, StringComparison.OrdinalIgnoreCase)));
        return table.Query(query.After, query.Limit, Matches, select);
    }

    private async Task RebuildAsync(CatalogKind kind, ICollection<string> knownBefore)
    {
        var stored = new HashSet<string>(StringComparer.Ordinal);
        for (int part = 0; part < CatalogPart.Count; part++)
        {
            stored.UnionWith(await grains.GetGrain<ICatalogGrain>(CatalogPart.KeyOf(kind, part)).GetIds());
        }

        await Parallel.ForEachAsync(
            stored, new ParallelOptions { MaxDegreeOfParallelism = RebuildParallelism },
            async (id, _) => await RefreshAsync(kind, id));
        foreach (string id in knownBefore.Where(id => !stored.Contains(id)))
        {
            Remove(kind, id);
        }
    }

    // A listed id without a thing is a creation that never finished: it is not indexed.
    private void Apply<T>(T? thing, Action<T> set, CatalogKind kind, string id)
        where T : class
    {
        if (thing is null)
        {
            Remove(kind, id);
        }
        else
        {
            set(thing);
        }
    }

    private void Raise(bool isChanged, CatalogKind kind, string id, bool removed = false)
    {
        if (isChanged)
        {
            instruments.IndexChanged(kind);
            Changed?.Invoke(new CatalogChange(kind, id, removed));
        }
    }
}
