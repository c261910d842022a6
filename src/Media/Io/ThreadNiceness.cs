namespace Comms.Media.Io;

/// <summary>The niceness of one thread: on Linux it belongs to the thread, not to the process.</summary>
internal static class ThreadNiceness
{
    private const int OfThread = 0;

    /// <summary>
    /// Sets the calling thread's niceness, -20 to 19. False when this process may not go so low (RLIMIT_NICE, CAP_SYS_NICE):
    /// it then stays what it was.
    /// </summary>
    public static bool TrySet(int niceness) => LibC.SetPriority(OfThread, 0, niceness) == 0;
}
