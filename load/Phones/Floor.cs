namespace Comms.Phones;

/// <summary>The decision on a press and its times, monotonic: the call's last byte given to the kernel, the reply read from it.</summary>
public sealed record PressReply(bool IsGranted, string Cause, long BurstId, long PressedNs, long RepliedNs)
{
    public double Ms => (RepliedNs - PressedNs) / 1e6;
}

/// <summary>How many phones of a loop have received Floor Taken of one burst, and when the last of them did.</summary>
public readonly record struct TakenCount(int Phones, long LastNs);
