using Comms.Media.Numbers;

namespace Comms.Signaling.Sip.Digest;

/// <summary>
/// Remembers which nonce counts of a nonce were used, in a window of 64 so that requests may overtake each other. Only a
/// proven response makes an entry, so strangers cannot fill it. RFC 7616 §3.4: a repeated count is a replay.
/// </summary>
public sealed class NonceCountTable(int lifetimeMs, int capacity)
{
    private readonly Dictionary<string, Window> _windows = [];
    private readonly Queue<(string Nonce, Instant ExpiresAt)> _order = new();

    public int Count => _windows.Count;

    /// <summary>True exactly once for each nonce and count; false too when the table is full.</summary>
    public bool TrySpend(string nonce, uint count, Instant now)
    {
        while (_order.TryPeek(out var oldest) && oldest.ExpiresAt <= now)
        {
            _order.Dequeue();
            _windows.Remove(oldest.Nonce);
        }

        if (!_windows.TryGetValue(nonce, out var window))
        {
            if (_windows.Count >= capacity)
            {
                return false;
            }

            // An entry outlives its nonce, because nonces reach the table in any order.
            _order.Enqueue((nonce, now.AddMs(lifetimeMs)));
        }

        var isNew = window.TrySpend(count);
        _windows[nonce] = window;
        return isNew;
    }

    private struct Window
    {
        private uint _highest;
        private ulong _seen;

        public bool TrySpend(uint count)
        {
            if (count > _highest)
            {
                var shift = count - _highest;
                _seen = shift >= 64 ? 1 : (_seen << (int)shift) | 1;
                _highest = count;
                return true;
            }

            var age = _highest - count;
            var bit = age < 64 ? 1UL << (int)age : 0;
            var isNew = bit != 0 && (_seen & bit) == 0 && count != 0;
            _seen |= bit;
            return isNew;
        }
    }
}
