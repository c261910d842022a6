using Comms.Grains.Contracts;

namespace Comms.Grains.Channels;

/// <summary>
/// Who waits for a floor, the next first. Emergencies stand before those that pre-empt, those before all others; among equals
/// a higher priority passes a lower one, but never one that was passed often or that a dispatcher placed: nobody starves. Pure.
/// </summary>
internal sealed class FloorQueue
{
    /// <summary>More requests than this never wait, whatever their level: every node is told all of them.</summary>
    public const int Bound = 64;

    /// <summary>A request that others passed so often is passed by emergencies and pre-emption only.</summary>
    public const int PassedMax = 4;

    private readonly List<WaitingRequest> _waiting = [];

    public int Count => _waiting.Count;

    public WaitingRequest? Find(FloorHolder party) => _waiting.Find(request => request.Is(party));

    public WaitingRequest? Find(long requestId) => _waiting.Find(request => request.Id == requestId);

    public WaitingRequest? Find(string unitId, string sessionId) =>
        _waiting.Find(request => request.Bid.Party.UnitId == unitId && request.Bid.Party.SessionId == sessionId);

    /// <summary>A copy: the queue may change while it is walked.</summary>
    public WaitingRequest[] All() => [.. _waiting];

    /// <summary>1 for the next.</summary>
    public int PositionOf(WaitingRequest request) => _waiting.IndexOf(request) + 1;

    public DateTimeOffset? NextExpiry => _waiting.Count == 0 ? null : _waiting.Min(request => request.ExpiresAt);

    /// <summary>Puts the request where its level and priority belong.</summary>
    public void Add(WaitingRequest request)
    {
        int at = _waiting.Count;
        while (at > 0 && MayPass(request, _waiting[at - 1]))
        {
            at--;
        }

        for (int i = at; request.Level == WaitLevel.Normal && i < _waiting.Count; i++)
        {
            _waiting[i].Passed++;
        }

        _waiting.Insert(at, request);
    }

    public void Remove(WaitingRequest request) => _waiting.Remove(request);

    /// <summary>A dispatcher's word: the request stands at this place now, and is not passed by priority.</summary>
    public void Place(WaitingRequest request, int position)
    {
        _waiting.Remove(request);
        request.IsPlaced = true;
        _waiting.Insert(Math.Clamp(position, 1, _waiting.Count + 1) - 1, request);
    }

    public WaitingRequest? TakeFirst()
    {
        if (_waiting.Count == 0)
        {
            return null;
        }

        WaitingRequest first = _waiting[0];
        _waiting.RemoveAt(0);
        return first;
    }

    public IReadOnlyList<FloorWaiter> View() =>
        [.. _waiting.Select(request => new FloorWaiter(
            request.Id, request.Bid.Party, request.Bid.Priority, request.Bid.IsEmergency, request.Since))];

    private static bool MayPass(WaitingRequest newcomer, WaitingRequest other)
    {
        if (newcomer.Level != other.Level)
        {
            return newcomer.Level > other.Level;
        }

        // One emergency does not outrank another.
        return newcomer.Level != WaitLevel.Emergency
            && !other.IsPlaced
            && other.Passed < PassedMax
            && newcomer.Bid.Priority > other.Bid.Priority;
    }
}

/// <summary>One waiting request. Changed by the floor and its queue only.</summary>
internal sealed class WaitingRequest(long id, FloorBid bid, WaitLevel level, DateTimeOffset since)
{
    public long Id { get; } = id;

    public FloorBid Bid { get; set; } = bid;

    public WaitLevel Level { get; set; } = level;

    public DateTimeOffset Since { get; } = since;

    /// <summary>The place is lost when its node has not renewed it until then.</summary>
    public DateTimeOffset ExpiresAt { get; set; }

    /// <summary>How many later requests passed it by priority.</summary>
    public int Passed { get; set; }

    public bool IsPlaced { get; set; }

    public bool Is(FloorHolder party) =>
        Bid.Party.UnitId == party.UnitId && Bid.Party.NodeId == party.NodeId && Bid.Party.SessionId == party.SessionId;
}

/// <summary>The lines of a queue, from last to first.</summary>
internal enum WaitLevel
{
    Normal,

    /// <summary>The floor is being revoked for it.</summary>
    Preempting,
    Emergency,
}
