using System.Collections.Concurrent;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Signaling.Sip;

namespace Comms.Signaling.Bridges;

/// <summary>
/// Joins SIP calls to channels: one RTP leg and one <see cref="SipChannelCall"/> for each call, and each one's inputs in
/// order. Thread-safe; event handlers only enqueue.
/// </summary>
public sealed partial class SipCallBridge : IDisposable
{
    private readonly ConcurrentDictionary<SipCallId, SipChannelCall> _calls = new();
    private readonly ConcurrentDictionary<SessionId, SipChannelCall> _sessions = new();
    private readonly ConcurrentDictionary<string, byte> _inactive = new(StringComparer.Ordinal);
    private readonly ISipCalls _sip;
    private readonly IMediaEvents _events;
    private readonly IFloorBridge _floor;
    private readonly SipCallServices _services;

    public SipCallBridge(ISipCalls sip, ISipDirectory directory, IMediaNode media, IMediaEvents events, IFloorBridge floor, ILogger<SipCallBridge> log)
    {
        _sip = sip;
        _events = events;
        _floor = floor;
        _services = new SipCallServices(sip, directory, media, floor, log, OnLegOpened, OnLegClosed);
        sip.CallEvent += OnCall;
        events.DigitPressed += OnDigit;
        events.SessionEnded += OnSessionEnded;
        floor.RightChanged += OnRightChanged;
        floor.FloorRevoked += OnRevoked;
        floor.FloorGranted += OnGranted;
        floor.FloorChanged += OnFloor;
    }

    /// <summary>A call got its leg. From any thread: handlers only enqueue.</summary>
    public event Action<SipCallSnapshot>? LegOpened;

    /// <summary>A call that had a leg has lost it. From any thread: handlers only enqueue.</summary>
    public event Action<SipCallSnapshot>? LegClosed;

    /// <summary>Calls that have a leg now.</summary>
    public int Count => _sessions.Count;

    /// <summary>Who calls which channel now, for the debug page.</summary>
    public IReadOnlyList<SipCallSnapshot> Snapshot() => _sessions.Values.Select(call => call.Snapshot()).ToList();

    /// <summary>Takes a call whose number is no channel's; false leaves it to be refused. On the SIP core's thread.</summary>
    public Func<CallOffered, bool> Elsewhere { get; set; } = _ => false;

    /// <summary>Somebody in a call asks us to call a number instead (RFC 3515). On the SIP core's thread: handlers only enqueue.</summary>
    public event Action<SipCallSnapshot, CallReferred>? Referred;

    /// <summary>Places a call and joins it to its channel when it is answered.</summary>
    internal SipChannelCall Place(PlacedCall placed)
    {
        var call = new SipChannelCall(placed.Subject, _services);
        call.StartPlaced(placed);
        return call;
    }

    /// <summary>Ends every call of an account and its registration.</summary>
    public void PutOut(string accountId)
    {
        _sip.Unregister(accountId);
        foreach (var (session, call) in _sessions)
        {
            if (call.Snapshot().AccountId == accountId)
            {
                Post(session, new SipCallInput.PutOut());
            }
        }
    }

    public void Dispose()
    {
        _sip.CallEvent -= OnCall;
        _events.DigitPressed -= OnDigit;
        _events.SessionEnded -= OnSessionEnded;
        _floor.RightChanged -= OnRightChanged;
        _floor.FloorRevoked -= OnRevoked;
        _floor.FloorGranted -= OnGranted;
        _floor.FloorChanged -= OnFloor;
    }

    private void OnCall(SipServerEvent happening)
    {
        switch (happening)
        {
            case CallOffered offered when offered.Replaces is null && _services.Directory.FindChannel(offered.Number) is null && Elsewhere(offered):
                break;
            case CallOffered offered:
                var caller = new SipCallSubject(
                    offered.Account.Id, offered.Account.UnitId, offered.Number, offered.LocalAddress, offered.RemoteAddress);
                var call = new SipChannelCall(caller, _services);
                _calls[offered.Call] = call;
                call.Start(offered, offered.Replaces is { } replaced && _calls.TryGetValue(replaced, out var former) ? former.ChannelId : null);
                break;
            case CallReoffered reoffered when _calls.TryGetValue(reoffered.Call, out var held):
                held.Post(new SipCallInput.Reoffered(reoffered.Sdp, reoffered.RemoteAddress));
                break;
            case CallInfo info when DtmfInfo.TryRead(info.ContentType, info.Body.Span, out var key) && _calls.TryGetValue(info.Call, out var keyed):
                keyed.Post(new SipCallInput.Digit(key));
                break;
            case CallAcknowledged acknowledged when _calls.TryGetValue(acknowledged.Call, out var answered):
                answered.Post(new SipCallInput.Acknowledged(acknowledged.Sdp));
                break;
            case CallReferred referred when _calls.TryGetValue(referred.Call, out var transferor):
                Referred?.Invoke(transferor.Snapshot(), referred);
                break;
            case CallEnded ended when _calls.TryRemove(ended.Call, out var over):
                over.End();
                break;
        }
    }

    private void OnDigit(DigitPressed digit) => Post(digit.Session, new SipCallInput.Digit(digit.Code));

    private void OnSessionEnded(SessionEnded ended) => Post(ended.Session, new SipCallInput.LegEnded(ended.Reason));

    private void OnRightChanged(FloorParty party, ChannelRight right)
    {
        if (right < ChannelRight.Listen)
        {
            Post(party.Session, new SipCallInput.PutOut());
        }
    }

    private void OnRevoked(FloorParty party, long burst, FloorRevokeCause cause) => Post(party.Session, new SipCallInput.Revoked(burst, cause));

    private void OnGranted(FloorParty party, FloorReply reply) => Post(party.Session, new SipCallInput.Granted(reply.BurstId));

    // Once for each time that a channel falls inactive; a call that comes in later is not ended by it.
    private void OnFloor(FloorState floor)
    {
        if (!floor.IsInactive)
        {
            _inactive.TryRemove(floor.ChannelId, out _);
            return;
        }

        if (!_inactive.TryAdd(floor.ChannelId, 0))
        {
            return;
        }

        foreach (var (session, call) in _sessions)
        {
            if (call.Snapshot().ChannelId == floor.ChannelId)
            {
                Post(session, new SipCallInput.Inactive());
            }
        }
    }

    private void Post(SessionId session, SipCallInput input)
    {
        if (_sessions.TryGetValue(session, out var call))
        {
            call.Post(input);
        }
    }

    private void OnLegOpened(SessionId session, SipChannelCall call)
    {
        _sessions[session] = call;
        LegOpened?.Invoke(call.Snapshot());
    }

    private void OnLegClosed(SessionId session)
    {
        if (_sessions.TryRemove(session, out var call))
        {
            LegClosed?.Invoke(call.Snapshot());
        }
    }
}

/// <summary>One call, for people.</summary>
public sealed record SipCallSnapshot(string Call, string Session, string AccountId, string UnitId, string ChannelId, bool IsTalking);
