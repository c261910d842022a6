using System.Numerics;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>
/// A hierarchical timing wheel for tens of thousands of timers: arm and cancel in constant time, nothing allocated.
/// Three levels of 512, 64 and 64 slots over a 5 ms tick reach 2.9 hours; later deadlines wait in the last slot and are
/// sorted in again. Owned by one loop; the clock is an argument.
/// </summary>
public sealed class TimerWheel
{
    public const long TickNanoseconds = 5_000_000;
    private const int Level0Bits = 9;
    private const int UpperBits = 6;
    private const int Level0Slots = 1 << Level0Bits;
    private const int UpperSlots = 1 << UpperBits;
    private const int Level1 = Level0Slots;
    private const int Level2 = Level0Slots + UpperSlots;
    private const long MaxAhead = (1L << (Level0Bits + UpperBits + UpperBits)) - 1;

    private readonly LoopTimer?[] _slots = new LoopTimer?[Level0Slots + UpperSlots + UpperSlots];
    private readonly ulong[] _occupied = new ulong[Level0Slots / 64];
    private readonly Action<Exception>? _onFault;
    private long _tick;
    private int _armed;

    /// <param name="onFault">Takes an exception of a timer's owner, so that the other timers of its tick still fire; null lets it through.</param>
    public TimerWheel(Instant now, Action<Exception>? onFault = null)
    {
        _tick = now.Nanoseconds / TickNanoseconds;
        _onFault = onFault;
    }

    public int ArmedCount => _armed;

    /// <summary>Sets or moves a timer. <see cref="Instant.Never"/> cancels; a deadline in the past is due in the next tick.</summary>
    public void Arm(LoopTimer timer, Instant deadline)
    {
        if (timer.IsArmed) Unlink(timer);
        if (deadline == Instant.Never) return;
        timer.Deadline = deadline;
        timer.DueTick = Math.Max(_tick + 1, (deadline.Nanoseconds + TickNanoseconds - 1) / TickNanoseconds);
        Link(timer);
    }

    public void Cancel(LoopTimer timer)
    {
        if (timer.IsArmed) Unlink(timer);
    }

    /// <summary>Calls every timer that is due, in order of its tick.</summary>
    public void Advance(Instant now)
    {
        long target = now.Nanoseconds / TickNanoseconds;
        while (_tick < target)
        {
            if (_armed == 0)
            {
                _tick = target;
                return;
            }

            _tick++;
            if ((_tick & (Level0Slots - 1)) == 0) Cascade();
            Fire((int)(_tick & (Level0Slots - 1)), now);
        }
    }

    /// <summary>No timer is due before this moment. <see cref="Instant.Never"/> when none is armed.</summary>
    public Instant NextWake()
    {
        if (_armed == 0) return Instant.Never;
        int from = (int)((_tick + 1) & (Level0Slots - 1));
        int ahead = from == 0 ? 0 : FindOccupied(from);
        long tick = ahead < 0 ? _tick + 1 + (Level0Slots - from) : _tick + 1 + ahead;
        return new Instant(tick * TickNanoseconds);
    }

    /// <summary>Slots from <paramref name="from"/> to the next occupied one before the wheel's end; −1 when there is none.</summary>
    private int FindOccupied(int from)
    {
        int word = from / 64;
        ulong bits = _occupied[word] & (ulong.MaxValue << (from % 64));
        while (bits == 0)
        {
            if (++word == _occupied.Length) return -1;
            bits = _occupied[word];
        }

        return word * 64 + BitOperations.TrailingZeroCount(bits) - from;
    }

    private void Cascade()
    {
        long upper = _tick >> Level0Bits;
        if ((upper & (UpperSlots - 1)) == 0) SortIn(Level2 + (int)((upper >> UpperBits) & (UpperSlots - 1)));
        SortIn(Level1 + (int)(upper & (UpperSlots - 1)));
    }

    private void SortIn(int slot)
    {
        var timer = _slots[slot];
        _slots[slot] = null;
        while (timer is not null)
        {
            var next = timer.Next;
            timer.Slot = -1;
            _armed--;
            Link(timer);
            timer = next;
        }
    }

    private void Fire(int slot, Instant now)
    {
        while (_slots[slot] is { } timer)
        {
            Unlink(timer);
            try
            {
                timer.Owner.OnTimer(timer, now);
            }
            catch (Exception fault) when (_onFault is not null)
            {
                _onFault(fault);
            }
        }
    }

    private void Link(LoopTimer timer)
    {
        int slot = SlotOf(timer.DueTick);
        timer.Slot = slot;
        timer.Previous = null;
        timer.Next = _slots[slot];
        if (timer.Next is not null) timer.Next.Previous = timer;
        _slots[slot] = timer;
        if (slot < Level0Slots) _occupied[slot / 64] |= 1UL << (slot % 64);
        _armed++;
    }

    private int SlotOf(long dueTick)
    {
        long ahead = dueTick - _tick;
        if (ahead < Level0Slots) return (int)(dueTick & (Level0Slots - 1));
        if (ahead > MaxAhead) dueTick = _tick + MaxAhead;
        long level1Ahead = (dueTick >> Level0Bits) - (_tick >> Level0Bits);
        if (level1Ahead < UpperSlots) return Level1 + (int)((dueTick >> Level0Bits) & (UpperSlots - 1));
        return Level2 + (int)((dueTick >> (Level0Bits + UpperBits)) & (UpperSlots - 1));
    }

    private void Unlink(LoopTimer timer)
    {
        int slot = timer.Slot;
        if (timer.Previous is null) _slots[slot] = timer.Next;
        else timer.Previous.Next = timer.Next;
        if (timer.Next is not null) timer.Next.Previous = timer.Previous;
        if (_slots[slot] is null && slot < Level0Slots) _occupied[slot / 64] &= ~(1UL << (slot % 64));
        timer.Previous = timer.Next = null;
        timer.Slot = -1;
        timer.Deadline = Instant.Never;
        _armed--;
    }
}
