using Orleans.Runtime;

namespace Comms.Signaling.Bridges;

/// <summary>Which failures of a grain call pass by themselves: the silo is busy, moving the grain, or stopping.</summary>
internal static class GrainFault
{
    public static bool IsTransient(Exception fault) =>
        fault is TimeoutException or OrleansException or OperationCanceledException or ObjectDisposedException;
}
