namespace Comms.Signaling.Bridges;

/// <summary>
/// One session's part in floor control: its open burst, its slots, and its turn, by which its presses, releases, joins and end are
/// handled one after the other. Fields are touched by the holder of the turn only.
/// </summary>
internal sealed class SessionFloor : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);

    public OpenBurst? Burst { get; set; }

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

/// <summary>A granted burst whose gate this node opened.</summary>
internal sealed record OpenBurst(FloorParty Party, long BurstId, long Epoch, int LeaseMs);
