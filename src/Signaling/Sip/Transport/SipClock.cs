using Comms.Media.Numbers;

namespace Comms.Signaling.Sip.Transport;

/// <summary>The process's monotonic clock as instants.</summary>
internal sealed class SipClock(TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();

    public Instant Now => new(time.GetElapsedTime(_start).Ticks * 100);
}
