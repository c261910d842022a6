using Comms.Media.Io;
using Comms.Media.Numbers;

namespace Comms.Media.Node;

/// <summary>A session that shakes hands; called on its loop.</summary>
internal interface IHandshaker
{
    HandshakeStage HandshakeStage { get; }

    /// <summary>Its datagrams in the queue; the queue's own note.</summary>
    int WaitingDatagrams { get; set; }

    /// <summary>Takes one handshake datagram; half a millisecond of computing when it is the deciding one.</summary>
    void Handshake(Span<byte> datagram, in NetworkPath path, Instant now);
}

/// <summary>How far a session's handshake is.</summary>
internal enum HandshakeStage
{
    /// <summary>None of its datagrams has been taken.</summary>
    Fresh,

    /// <summary>It holds some 50 kB in OpenSSL, and work that is lost if it is not finished.</summary>
    Begun,

    /// <summary>Connected, failed or given up.</summary>
    Over,
}

/// <summary>
/// The handshakes of one loop, within a budget per turn so that running voice never waits for them. Those that have begun go
/// before new ones: in a storm sessions are completed one after another instead of all being started and none finished. Both
/// queues are bounded. Owned by its loop.
/// </summary>
/// <param name="clock">Tells what a step has cost.</param>
/// <param name="isShared">True while other long work of the loop waits.</param>
internal sealed class HandshakeQueue(Action<ILoopWork> schedule, Func<Instant> clock, Func<bool> isShared, DropCounters drops) : ILoopWork, IDisposable
{
    /// <summary>Datagrams waiting at the most, in each of the two queues.</summary>
    public const int Capacity = 4_096;

    /// <summary>More of one session are repetitions: a flight has two or three datagrams.</summary>
    public const int MaxPerSession = 8;

    /// <summary>Begun at the most at a time: new ones wait while their number, and so their memory, is used up.</summary>
    public const int MaxBegun = 1_024;

    private readonly DatagramQueue _begun = new(Capacity);
    private readonly DatagramQueue _fresh = new(Capacity);
    private HandshakeBudget _budget;
    private long _deferrals;
    private int _waiting;
    private int _inProgress;

    /// <summary>Handshakes that have begun and are not over. Any thread.</summary>
    public int InProgress => Volatile.Read(ref _inProgress);

    /// <summary>Datagrams waiting. Any thread.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Turns that ended with handshakes left over. Any thread.</summary>
    public long Deferrals => Volatile.Read(ref _deferrals);

    public void Add(IHandshaker session, Span<byte> datagram, in NetworkPath path)
    {
        if (datagram.Length > DatagramQueue.MaxBytes || session.WaitingDatagrams == MaxPerSession)
        {
            drops.Count(DropReason.HandshakeBacklog);
            return;
        }

        session.WaitingDatagrams++;
        var queue = session.HandshakeStage == HandshakeStage.Fresh ? _fresh : _begun;
        if (queue.Add(session, path, datagram) is { } displaced)
        {
            displaced.WaitingDatagrams--;
            drops.Count(DropReason.HandshakeBacklog);
        }

        Volatile.Write(ref _waiting, _begun.Count + _fresh.Count);
        schedule(this);
    }

    /// <summary>A session whose handshake had begun has come to its end: completed, failed or gone.</summary>
    public void OnOver()
    {
        Volatile.Write(ref _inProgress, _inProgress - 1);
        if (_waiting > 0) schedule(this);
    }

    public LoopWorkState RunSlice(Instant now)
    {
        _budget.Refill(now, isShared());
        Instant at = now;
        while (HasNext && !_budget.IsEmpty)
        {
            var session = (_begun.Count > 0 ? _begun : _fresh).Take(out var path, out var datagram);
            session.WaitingDatagrams--;
            if (session.HandshakeStage == HandshakeStage.Fresh) Volatile.Write(ref _inProgress, _inProgress + 1);
            session.Handshake(datagram, path, now);
            Instant after = clock();
            _budget.Spend(after.Nanoseconds - at.Nanoseconds);
            at = after;
        }

        Volatile.Write(ref _waiting, _begun.Count + _fresh.Count);
        if (!HasNext) return LoopWorkState.Done;
        Volatile.Write(ref _deferrals, _deferrals + 1);
        return LoopWorkState.More;
    }

    private bool HasNext => _begun.Count > 0 || (_fresh.Count > 0 && _inProgress < MaxBegun);

    public void Dispose()
    {
        _begun.Dispose();
        _fresh.Dispose();
    }
}
