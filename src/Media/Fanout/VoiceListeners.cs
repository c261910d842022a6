using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// The browser listeners of one channel on one loop, in a fixed order that only a leaving one changes (the last takes its
/// place). Remembers how far the packet now going out has come, so that a slice continues where the last one ended.
/// </summary>
internal sealed class VoiceListeners
{
    private Entry[] _entries = [];
    private int _next;

    public int Count { get; private set; }

    public void Add(IVoiceListener listener, int slot)
    {
        if (Find(listener, slot) >= 0) return;
        if (Count == _entries.Length) Array.Resize(ref _entries, Math.Max(8, Count * 2));
        _entries[Count++] = new Entry(listener, slot);
        listener.RebaseSlot(slot);
    }

    /// <summary>Keeps the served ones before the unserved ones, also in the middle of a packet.</summary>
    public void Remove(IVoiceListener listener, int slot)
    {
        int at = Find(listener, slot);
        if (at < 0) return;
        if (at < _next)
        {
            _entries[at] = _entries[--_next];
            at = _next;
        }

        _entries[at] = _entries[--Count];
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
        var header = frame.Header;
        var payload = frame.Payload;
        while (_next < Count)
        {
            if (budget == 0) return sent;
            ref readonly var entry = ref _entries[_next];
            if (entry.Listener.IsOutputBlocked)
            {
                isBlocked = true;
                return sent;
            }

            _next++;
            budget--;
            if (entry.Listener.Session == header.Source) entry.Listener.RebaseSlot(entry.Slot);
            else if (entry.Listener.SendVoice(entry.Slot, header, payload, now)) sent++;
        }

        _next = 0;
        if (budget == 0) budget = 1;
        return sent;
    }

    private int Find(IVoiceListener listener, int slot)
    {
        for (int i = 0; i < Count; i++)
        {
            if (ReferenceEquals(_entries[i].Listener, listener) && _entries[i].Slot == slot) return i;
        }

        return -1;
    }

    private readonly record struct Entry(IVoiceListener Listener, int Slot);
}
