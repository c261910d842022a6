namespace Comms.Support;

/// <summary>SplitMix64: a small deterministic generator, so that a seed alone reproduces a run on any machine.</summary>
public struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15;
        ulong z = _state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="exclusiveBound"/> − 1; 0 when the bound is 0 or less.</summary>
    public int Next(int exclusiveBound) => exclusiveBound <= 0 ? 0 : (int)(NextUInt64() % (ulong)exclusiveBound);

    public byte NextByte() => (byte)NextUInt64();
}
