namespace Comms.Media.Crypto;

/// <summary>
/// Which of the last 128 packet indices were seen. RFC 3711 §3.3.2. <see cref="Check"/> before authentication changes nothing;
/// <see cref="Commit"/> after it, so that a forged packet can neither fill nor move the window.
/// </summary>
public struct ReplayWindow
{
    /// <summary>Covers 2.5 s of 20 ms voice: later retransmissions are useless to play anyway.</summary>
    public const int Size = 128;

    private UInt128 _seen;
    private ulong _highest;

    /// <summary>The highest index committed; 0 before the first.</summary>
    public readonly ulong Highest => _highest;

    public readonly bool IsEmpty => _seen == UInt128.Zero;

    /// <summary>True when the index is new and not older than the window.</summary>
    public readonly bool Check(ulong index)
    {
        if (IsEmpty || index > _highest) return true;
        ulong age = _highest - index;
        return age < Size && (_seen >> (int)age & UInt128.One) == UInt128.Zero;
    }

    /// <summary>Marks an authenticated index as seen; harmless for one older than the window.</summary>
    public void Commit(ulong index)
    {
        if (IsEmpty || index > _highest)
        {
            ulong step = index - _highest;
            _seen = IsEmpty || step >= Size ? UInt128.One : _seen << (int)step | UInt128.One;
            _highest = index;
            return;
        }

        ulong age = _highest - index;
        if (age < Size) _seen |= UInt128.One << (int)age;
    }
}
