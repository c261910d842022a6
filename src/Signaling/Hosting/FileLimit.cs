using System.Runtime.InteropServices;

namespace Comms.Signaling.Hosting;

/// <summary>How many files this process may open (RLIMIT_NOFILE), and what that allows.</summary>
public static partial class FileLimit
{
    /// <summary>RLIMIT_NOFILE of Linux on every architecture that .NET runs on.</summary>
    private const int LimitNoFile = 7;

    /// <summary>Descriptors kept for the store, logs, assemblies, listeners and media loops.</summary>
    private const long Reserved = 512;

    /// <summary>A hub connection and, for a moment at sign-in, a second HTTP connection of the same phone.</summary>
    private const double FilesPerPhone = 1.05;

    /// <summary>The relay's process pipes and its publishing connection.</summary>
    private const double FilesPerCamera = 5;

    /// <summary>The limit after the start raised it.</summary>
    public static long Current { get; } = Raise();

    /// <summary>Raises the soft limit to the hard one and returns it.</summary>
    private static long Raise()
    {
        if (GetLimit(LimitNoFile, out ResourceLimit limit) != 0) return long.MaxValue;
        if (limit.Soft < limit.Hard)
        {
            var raised = new ResourceLimit { Soft = limit.Hard, Hard = limit.Hard };
            if (SetLimit(LimitNoFile, in raised) == 0) limit = raised;
        }

        return limit.Soft > long.MaxValue ? long.MaxValue : (long)limit.Soft;
    }

    /// <summary>HTTP connections that may be open when no camera is relayed.</summary>
    public static long Connections(long files) => Math.Max(64, files - Reserved);

    /// <summary>Phones that may be connected when nothing else is.</summary>
    public static long Phones(long files) => Math.Max(0, (long)((files - Reserved) / FilesPerPhone));

    /// <summary>Cameras that may be relayed when nothing else is.</summary>
    public static long Cameras(long files) => Math.Max(0, (long)((files - Reserved) / FilesPerCamera));

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out ResourceLimit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in ResourceLimit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct ResourceLimit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
