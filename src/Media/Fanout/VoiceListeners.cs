using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// The browser listeners of one channel on one loop, in a fixed order that only a leaving one changes (the last takes its
/// place). Remembers how far the packet now going out has come, so that a slice continues where the last one ended.
/// </summary>
internal sealed class VoiceListeners
{
    private readonly Dictionary<Entry, int> _places = [];
    private Entry[] _entries = [];
    private int _next;

    public int Count { get; private set; }

    public void Add(IVoiceListener listener, int slot)
    {
        var entry = new Entry(listener, slot);
        if (!_places.TryAdd(entry, Count)) return;
        if (Count == _entries.Length) Array.Resize(ref _entries, Math.Max(8, Count * 2));
        _entries[Count++] = entry;
        listener.RebaseSlot(slot);
    }

    /// <summary>Keeps the served ones before the unserved ones, also in the middle of a packet.</summary>
    public void Remove(IVoiceListener listener, int slot)
    {
        if (!_places.Remove(new Entry(listener, slot), out int at)) return;
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
            ref readonly var entry = ref _entries[_next];
            if (entry.Listener.Session == source)
            {
                entry.Listener.RebaseSlot(entry.Slot);
            }
            else if (!entry.Listener.IsOutputBlocked && entry.Listener.SendVoice(entry.Slot, packet, now))
            {
                sent++;
            }
            else if (entry.Listener.IsOutputBlocked)
            {
                // Blocked before or by this very packet: it is this listener's turn again when the socket takes more.
                isBlocked = true;
                return sent;
            }

            _next++;
            budget--;
        }

        _next = 0;
        if (budget == 0) budget = 1;
        return sent;
    }

    private void Move(int from, int to)
    {
        if (from == to) return;
        _entries[to] = _entries[from];
        _places[_entries[to]] = to;
    }

    private readonly record struct Entry(IVoiceListener Listener, int Slot);
}
