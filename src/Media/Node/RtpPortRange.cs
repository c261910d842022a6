namespace Comms.Media.Node;

/// <summary>The port pairs of plain-RTP legs: even for RTP, the next for RTCP (RFC 3550 §11). Any thread; control path.</summary>
internal sealed class RtpPortRange
{
    private readonly Lock _lock = new();
    private readonly bool[] _taken;
    private readonly int _first;
    private int _next;

    public RtpPortRange(int min, int max)
    {
        _first = min + (min & 1);
        _taken = new bool[Math.Max(0, (max + 1 - _first) / 2)];
    }

    /// <summary>How many pairs there are.</summary>
    public int Pairs => _taken.Length;

    /// <summary>Takes the next free pair in turn, so that a port just freed rests before it is used again. Null: none is free.</summary>
    public RtpPortPair? Take()
    {
        lock (_lock)
        {
            for (int i = 0; i < _taken.Length; i++)
            {
                int at = (_next + i) % _taken.Length;
                if (_taken[at]) continue;
                _taken[at] = true;
                _next = at + 1;
                return new RtpPortPair(this, _first + 2 * at);
            }
        }

        return null;
    }

    public void Free(int rtpPort)
    {
        lock (_lock) _taken[(rtpPort - _first) / 2] = false;
    }
}

/// <summary>A taken pair.</summary>
internal sealed record RtpPortPair(RtpPortRange Range, int RtpPort)
{
    public int RtcpPort => RtpPort + 1;

    public void Free() => Range.Free(RtpPort);
}
