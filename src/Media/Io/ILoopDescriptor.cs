using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>
/// Something with a file descriptor that an <see cref="EventLoop"/> watches. Level-triggered: a call that leaves data unread is
/// repeated in the next turn, so an implementation does a bounded amount of work and returns.
/// </summary>
public interface ILoopDescriptor
{
    int FileDescriptor { get; }

    /// <summary>Data, a connection, an error or the peer's end waits to be read.</summary>
    void OnReadable(Instant now);

    /// <summary>Only called while registered with <see cref="LoopInterest.ReadWrite"/>.</summary>
    void OnWritable(Instant now);
}

/// <summary>What a descriptor waits for.</summary>
public enum LoopInterest
{
    Read,
    ReadWrite,

    /// <summary>Nothing but errors: reading is held back (the peer is slowed down by its own transport).</summary>
    None,
}
