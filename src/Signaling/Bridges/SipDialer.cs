using System.Collections.Concurrent;
using System.Globalization;
using Comms.Grains.Contracts;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Calls out by number: to a unit's phones, an account's devices or over a trunk, joined to a channel when answered. Thread-safe.
/// </summary>
public sealed class SipDialer : IDisposable
{
    /// <summary>Calls that are over stay to be asked for, so that a caller learns why.</summary>
    private const int MaxRemembered = 1_000;

    private readonly ConcurrentDictionary<string, Dialed> _calls = new();
    private readonly ISipCalls _sip;
    private readonly SipCallBridge _bridge;
    private readonly IDirectoryIndex _index;
    private readonly IGrainFactory _grains;
    private readonly IJournal _journal;
    private readonly TimeProvider _time;
    private long _lastId;

    public SipDialer(ISipCalls sip, SipCallBridge bridge, IDirectoryIndex index, IGrainFactory grains, IJournal journal, TimeProvider time)
    {
        (_sip, _bridge, _index, _grains, _journal, _time) = (sip, bridge, index, grains, journal, time);
        bridge.Referred += OnReferred;
    }

    /// <summary>Every call that was dialled and is remembered, the newest first.</summary>
    public IReadOnlyList<DialedCall> Calls => [.. _calls.Values.OrderByDescending(call => call.Number).Select(call => call.Describe())];

    public DialedCall? Find(string id) => _calls.TryGetValue(id, out var call) ? call.Describe() : null;

    /// <summary>The number is a unit's or an account's: phones may call each other, but not out over a trunk.</summary>
    public bool IsPhone(string number) =>
        _index.DialPlan.Find(number) is { } entry ? entry.Kind == DialKind.Unit : _index.FindAccount(number) is { UnitId.Length: > 0, Disabled: false };

    /// <summary>The ways to the phones of a unit or an account; none when nothing is registered.</summary>
    public async Task<IReadOnlyList<SipRoute>> FindPhoneAsync(string number) =>
        IsPhone(number) && await FindAsync(number, CancellationToken.None).ConfigureAwait(false) is { } target ? target.Invite.Routes : [];

    /// <summary>Calls a number into a channel. The answer to it comes later: ask <see cref="Find"/>.</summary>
    public async Task<DialReply> DialAsync(string number, string channelId, Actor actor, CancellationToken stopping = default)
    {
        if (_index.FindChannel(channelId) is null)
        {
            return new DialReply(null, DialRefusal.NoChannel);
        }

        if (await FindAsync(number, stopping).ConfigureAwait(false) is not { } target)
        {
            return new DialReply(null, DialRefusal.NoNumber);
        }

        if (target.Invite.Routes.Count == 0)
        {
            return new DialReply(null, DialRefusal.NotReachable);
        }

        var flow = target.Invite.Routes[0].Flow;
        var subject = new SipCallSubject(target.AccountId, target.UnitId, number, flow.Local.Address, flow.Remote.Address);
        var serial = Interlocked.Increment(ref _lastId);
        var id = string.Create(CultureInfo.InvariantCulture, $"d{serial}");
        Forget();
        _calls[id] = new Dialed(serial, id, subject, channelId, _bridge.Place(new PlacedCall(subject, channelId, target.Invite)));
        _journal.Append(new JournalEvent(0, _time.GetUtcNow(), "call.placed", number, actor, channelId));
        return new DialReply(_calls[id].Describe(), DialRefusal.None);
    }

    /// <summary>False: no such call.</summary>
    public bool HangUp(string id)
    {
        if (!_calls.TryGetValue(id, out var call))
        {
            return false;
        }

        call.Call.HangUp();
        return true;
    }

    public void Dispose() => _bridge.Referred -= OnReferred;

    // Null: nobody has that number.
    private async Task<Target?> FindAsync(string number, CancellationToken stopping) => _index.DialPlan.Find(number) switch
    {
        { Kind: DialKind.Channel } => null,
        { Kind: DialKind.Unit } entry => await UnitAsync(entry.TargetId).ConfigureAwait(false),
        { Kind: DialKind.Trunk } entry when _index.DialPlan.FindTrunk(entry.TargetId) is { } trunk =>
            await TrunkAsync(trunk, number[entry.Number.Length..], stopping).ConfigureAwait(false),
        _ when _index.FindAccount(number) is { UnitId.Length: > 0 } account => new Target(account.Id, account.UnitId, InviteOf(await _sip.FindContactsAsync(account.Id).ConfigureAwait(false))),
        _ => null,
    };

    private async Task<Target> UnitAsync(string unitId)
    {
        var routes = new List<SipRoute>();
        var accountId = "";
        foreach (var account in _index.AccountsOf(unitId).Where(account => !account.Disabled))
        {
            routes.AddRange(await _sip.FindContactsAsync(account.Id).ConfigureAwait(false));
            accountId = routes.Count > 0 && accountId.Length == 0 ? account.Id : accountId;
        }

        return new Target(accountId, unitId, InviteOf(routes));
    }

    private async Task<Target?> TrunkAsync(TrunkDefinition trunk, string number, CancellationToken stopping)
    {
        if (!SipUri.TryParse(trunk.Uri, out var uri))
        {
            return null;
        }

        var route = await _sip.FindRouteAsync(uri.WithUser(number), stopping).ConfigureAwait(false);
        var credentials = trunk.UserName.Length == 0 ? null : new ClientCredentials(
            trunk.UserName, await _grains.GetGrain<IDialPlanGrain>(DialPlan.Key).GetTrunkPassword(trunk.Id).ConfigureAwait(false));
        return new Target(trunk.Id, trunk.UnitId, InviteOf(route is null ? [] : [route]) with
        {
            Credentials = credentials,
            FromUser = trunk.UserName.Length > 0 ? trunk.UserName : null,
            FromHost = trunk.Domain.Length > 0 ? trunk.Domain : uri.Host,
        });
    }

    private static OutgoingInvite InviteOf(IReadOnlyList<SipRoute> routes) => new() { Routes = routes, Sdp = ReadOnlyMemory<byte>.Empty, FromUser = "comms" };

    // RFC 3515: whoever asks us to call a number hears how that goes, and hangs up by itself.
    private void OnReferred(SipCallSnapshot call, CallReferred referred) => _ = Task.Run(async () =>
    {
        var reply = await DialAsync(referred.Target.User ?? "", call.ChannelId, new Actor(call.AccountId, call.UnitId, "sip")).ConfigureAwait(false);
        var status = reply.Call is null ? SipStatus.NotFound : await _calls[reply.Call.Id].Call.Settled.ConfigureAwait(false);
        _sip.NotifyReferred(referred.Call, status);
    });

    private void Forget()
    {
        if (_calls.Count < MaxRemembered)
        {
            return;
        }

        foreach (var over in _calls.Values.Where(call => call.Call.Stage == SipCallStage.Ended).OrderBy(call => call.Number).Take(MaxRemembered / 2).ToList())
        {
            _calls.TryRemove(over.Id, out _);
        }
    }

    private sealed record Target(string AccountId, string UnitId, OutgoingInvite Invite);

    private sealed record Dialed(long Number, string Id, SipCallSubject Subject, string ChannelId, SipChannelCall Call)
    {
        public DialedCall Describe() => new(
            Id, Subject.Number, Subject.UnitId, ChannelId, Call.Stage, Call.Ending?.Status ?? 0, Call.Ending?.Cause ?? Call.Ending?.Reason.ToString() ?? "");
    }
}

/// <summary>A call that was dialled, as it stands.</summary>
public sealed record DialedCall(string Id, string Number, string UnitId, string ChannelId, SipCallStage Stage, int Status, string Cause);

/// <summary>A call on its way, or why there is none.</summary>
public sealed record DialReply(DialedCall? Call, DialRefusal Refusal);

/// <summary>Why a number was not called.</summary>
public enum DialRefusal
{
    None,
    NoChannel,

    /// <summary>The dial plan and the accounts do not know it, or it is a channel's own.</summary>
    NoNumber,

    /// <summary>No device of the unit is registered, or the trunk cannot be reached.</summary>
    NotReachable,
}
