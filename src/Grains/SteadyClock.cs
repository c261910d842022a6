namespace Comms.Grains;

/// <summary>The time of day when it was made, running on steadily: a step of the wall clock neither ends a burst nor prolongs it.</summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly long _startTimestamp = time.GetTimestamp();

    public DateTimeOffset Now => _start + time.GetElapsedTime(_startTimestamp);
}
