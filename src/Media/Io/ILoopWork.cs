using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>Long work cut into slices: the loop runs one slice per turn and serves its descriptors in between.</summary>
public interface ILoopWork
{
    /// <summary>Does one slice. A work that returned <see cref="LoopWorkState.Done"/> is forgotten until scheduled again.</summary>
    LoopWorkState RunSlice(Instant now);
}

/// <summary>What is left after a slice.</summary>
public enum LoopWorkState
{
    Done,
    More,

    /// <summary>More, but not before a socket takes data again: the loop waits instead of spinning.</summary>
    Blocked,
}

/// <summary>Called once at the end of each turn in which the loop did anything, to send what the turn has gathered.</summary>
public interface ILoopTurnEnd
{
    void OnTurnEnd(Instant now);
}

/// <summary>A command carried to a loop from another thread. Control path; may allocate.</summary>
public interface ILoopCommand
{
    void Run(Instant now);

    /// <summary>The loop ended before the command's turn came.</summary>
    void Refuse();
}
