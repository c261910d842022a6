using Comms.Phones.Media;

namespace Comms.Phones;

/// <summary>What all listeners counted: packets, gaps in their sequence numbers, packets that were out of order or not what was said, unanswered checks.</summary>
public sealed record FleetCount(long Packets, long Lost, long Wrong, int ChecksUnanswered)
{
    /// <summary>Checks that may be on their way.</summary>
    private const uint ChecksUnderWay = 2;

    public static FleetCount Add(FleetCount one, FleetCount other) => new(
        one.Packets + other.Packets, one.Lost + other.Lost, one.Wrong + other.Wrong, one.ChecksUnanswered + other.ChecksUnanswered);

    internal static FleetCount Of(ListenerTable listeners)
    {
        long packets = 0, lost = 0, wrong = 0;
        int unanswered = 0;
        foreach (ref readonly Listener listener in listeners.Rows.AsSpan())
        {
            packets += listener.Packets;
            lost += listener.Lost;
            wrong += listener.Wrong;
            if (listener.CheckNumber > listener.CheckAnswered + ChecksUnderWay) unanswered++;
        }

        return new FleetCount(packets, lost, wrong, unanswered);
    }
}
