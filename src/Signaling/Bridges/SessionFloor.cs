using Comms.Grains.Contracts;

namespace Comms.Signaling.Bridges;

/// <summary>
/// One session's part in floor control: its open burst, its waiting request, its slots, and its turn, by which its presses, releases, joins and end are
/// handled one after the other. Fields are touched by the holder of the turn only.
/// </summary>
internal sealed class SessionFloor : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public OpenBurst? Burst { get; set; }

    /// <summary>The request that waits for a floor; never beside a burst in the same channel.</summary>
    public QueuedRequest? Queued { get; set; }

    /// <summary>The channel that is heard on each slot.</summary>
    public Dictionary<int, string> Slots { get; } = [];

    public bool IsEnded { get; set; }

    public async Task<Turn> EnterAsync()
    {
        await _turn.WaitAsync();
        return new Turn(_turn);
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>The right to act for the session, given back when disposed.</summary>
    public readonly struct Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}

/// <summary>A granted burst whose gate this node opened. IsTold: its talker knows that it is being revoked.</summary>
internal sealed record OpenBurst(FloorParty Party, long BurstId, long Epoch, int LeaseMs, bool IsTold = false)
{
    public bool IsOver(FloorState floor) => floor.Epoch > Epoch && (floor.Holder is null || floor.BurstId != BurstId);

    /// <summary>A floor that has gone on beyond this burst's end no longer says how it ended; only a lapsed lease goes unnoticed so long.</summary>
    public FloorRevokeCause CauseOfEnd(FloorState floor) =>
        floor.EndedBurstId == BurstId && floor.EndedBecause != FloorRevokeCause.None ? floor.EndedBecause : FloorRevokeCause.LeaseExpired;
}

/// <summary>A request that the grain queued; floors older than its epoch know nothing of it.</summary>
internal sealed class QueuedRequest(FloorParty party, long epoch, int position)
{
    private volatile int _position = position;

    public FloorParty Party { get; } = party;

    public long Epoch { get; } = epoch;

    /// <summary>The place last told, 1 for the next. Read without the turn.</summary>
    public int Position
    {
        get => _position;
        set => _position = value;
    }
}
