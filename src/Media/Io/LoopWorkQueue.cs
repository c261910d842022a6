namespace Comms.Media.Io;

/// <summary>The works of one loop that have more to do, in turn. Grows with the number of works (channels), never per packet.</summary>
internal sealed class LoopWorkQueue
{
    private readonly Queue<ILoopWork> _queue = new();
    private readonly HashSet<ILoopWork> _members = new(ReferenceEqualityComparer.Instance);
    private int _blockedInARow;

    public int Count => _queue.Count;

    /// <summary>False when each waiting work said that it is blocked.</summary>
    public bool HasRunnable => _blockedInARow < _queue.Count;

    public void Add(ILoopWork work)
    {
        _blockedInARow = 0;
        if (_members.Add(work)) _queue.Enqueue(work);
    }

    public ILoopWork Take() => _queue.Dequeue();

    public void PutBack(ILoopWork work, LoopWorkState state)
    {
        _blockedInARow = state == LoopWorkState.Blocked ? _blockedInARow + 1 : 0;
        if (state == LoopWorkState.Done) _members.Remove(work);
        else _queue.Enqueue(work);
    }
}
