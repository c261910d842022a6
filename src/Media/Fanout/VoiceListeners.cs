using Comms.Media.Numbers;
using Comms.Media.Session;

namespace Comms.Media.Fanout;

/// <summary>
/// The browser listeners of one channel on one loop, in a fixed order that only a leaving one changes (the last takes its
/// place). Remembers how far the packet now going out has come, so that a slice continues where the last one ended.
/// </summary>
internal sealed class VoiceListeners
{
    /// <summary>So far ahead the memory of the next listeners is asked for: some 400 ns of other work, longer than memory takes.</summary>
    private const int Ahead = 4;

    private readonly Dictionary<(IVoiceListener Listener, int Slot), int> _places = [];
    private Entry[] _entries = [];
    private int _next;

    public int Count { get; private set; }

    public void Add(IVoiceListener listener, int slot)
    {
        if (!_places.TryAdd((listener, slot), Count)) return;
        if (Count == _entries.Length) Array.Resize(ref _entries, Math.Max(8, Count * 2));
        _entries[Count++] = new Entry(listener, slot, listener.Session, listener.Target(slot));
        listener.RebaseSlot(slot);
    }

    /// <summary>Keeps the served ones before the unserved ones, also in the middle of a packet.</summary>
    public void Remove(IVoiceListener listener, int slot)
    {
        if (!_places.Remove((listener, slot), out int at)) return;
        if (at < _next)
        {
            Move(--_next, at);
            at = _next;
        }

        Move(--Count, at);
        _entries[Count] = default;
    }

    /// <summary>The packet now going out was given up: the next begins with the first listener.</summary>
    public void RestartPass() => _next = 0;

    /// <summary>
    /// Sends the frame to listeners from where the last slice ended; returns how many got it. The pass is over when
    /// <paramref name="budget"/> is left and nothing is blocked.
    /// </summary>
    public int Send(VoiceFrame frame, ref int budget, Instant now, out bool isBlocked)
    {
        isBlocked = false;
        int sent = 0;
        var source = frame.Header.Source;
        var packet = frame.Packet;
        while (_next < Count)
        {
            if (budget == 0) return sent;
            if (_next + Ahead < Count) _entries[_next + Ahead].Target.Prefetch();
            ref readonly var entry = ref _entries[_next];
            if (entry.Session == source)
            {
                entry.Listener.RebaseSlot(entry.Slot);
            }
            else
            {
                var outcome = entry.Target.IsReady
                    ? entry.Target.Send(packet, now) : SendByListener(entry, packet, now);
                if (outcome == SendOutcome.Sent) sent++;
                isBlocked = outcome == SendOutcome.Blocked;
                // It is this listener's turn again when the socket takes more.
                if (isBlocked) return sent;
            }

            _next++;
            budget--;
        }

        _next = 0;
        if (budget == 0) budget = 1;
        return sent;
    }

    private static SendOutcome SendByListener(in Entry entry, in VoicePacket packet, Instant now)
    {
        if (entry.Listener.IsOutputBlocked) return SendOutcome.Blocked;
        if (entry.Listener.SendVoice(entry.Slot, packet, now)) return SendOutcome.Sent;
        return entry.Listener.IsOutputBlocked ? SendOutcome.Blocked : SendOutcome.Refused;
    }

    private void Move(int from, int to)
    {
        if (from == to) return;
        _entries[to] = _entries[from];
        _places[(_entries[to].Listener, _entries[to].Slot)] = to;
    }

    private readonly record struct Entry(IVoiceListener Listener, int Slot, SessionId Session, VoiceTarget Target);
}
