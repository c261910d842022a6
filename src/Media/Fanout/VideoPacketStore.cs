using Comms.Media.Numbers;

namespace Comms.Media.Fanout;

/// <summary>
/// The newest packets of one feed on one loop, numbered without gaps: the group of pictures that a new viewer starts with,
/// and the retransmission history of all viewers. Bounded in bytes and packets; when the bound cuts into the group of
/// pictures, there is none until the next key frame. Owned by its loop; nothing is allocated once it has grown.
/// </summary>
public sealed class VideoPacketStore(VideoBlockPool pool, VideoStoreLimits limits)
{
    private const int FirstCapacity = 32;
    private const int LargestPayloadBytes = FrameLimits.MaxPayloadBytes;

    private VideoPacket[] _ring = [];
    private byte[]? _block;
    private int _blockUsed;

    /// <summary>The oldest packet's number.</summary>
    public long First { get; private set; }

    /// <summary>The number that the next packet gets.</summary>
    public long End { get; private set; }

    /// <summary>Where the newest cached key frame begins; -1 when there is none.</summary>
    public long KeyNumber { get; private set; } = -1;

    public int PayloadBytes { get; private set; }

    /// <summary>While set, packets stay for the history's duration even behind a newer key frame.</summary>
    public bool KeepsHistory { get; set; }

    public bool Holds(long number) => number >= First && number < End;

    public ref readonly VideoPacket this[long number] => ref _ring[number & (_ring.Length - 1)];

    /// <summary>Room for one payload; false when the pool is exhausted even after this store gave up its own packets.</summary>
    public bool TryReserve(out Span<byte> payload)
    {
        payload = default;
        if (_block is null || _blockUsed + LargestPayloadBytes > VideoBlockPool.BlockBytes)
        {
            if (!TryChangeBlock())
            {
                return false;
            }
        }

        payload = _block.AsSpan(_blockUsed, LargestPayloadBytes);
        return true;
    }

    /// <summary>Numbers the payload that was written into the reserved room and lets go of what is too old.</summary>
    public void Commit(int length, VideoPacketFlags flags, long ticks, Instant now)
    {
        if (End - First == _ring.Length)
        {
            Grow();
        }

        var packet = new VideoPacket(_block!, _blockUsed, length, flags, ticks, now);
        _ring[End & (_ring.Length - 1)] = packet;
        if (packet.BeginsKeyFrame)
        {
            KeyNumber = End;
        }

        End++;
        _blockUsed += length;
        PayloadBytes += length;
        Trim(now);
    }

    /// <summary>Lets go of what neither a new viewer nor a retransmission needs any more.</summary>
    public void Trim(Instant now)
    {
        while (First < End - 1 && (IsSpent(now) || PayloadBytes > limits.MaxBytes || End - First > limits.MaxPackets))
        {
            Evict();
        }
    }

    /// <summary>Empties the store; the next packet will be <paramref name="nextNumber"/>.</summary>
    public void Reset(long nextNumber)
    {
        while (First < End)
        {
            Evict();
        }

        if (_block is not null)
        {
            pool.Return(_block);
            _block = null;
        }

        First = End = nextNumber;
        KeyNumber = -1;
    }

    private bool IsSpent(Instant now)
    {
        var isBehindKey = KeyNumber < 0 || First < KeyNumber;
        return isBehindKey && (!KeepsHistory || now.MsSince(this[First].Arrived) > limits.HistoryMs);
    }

    private void Evict()
    {
        var block = this[First].Block;
        PayloadBytes -= this[First].Length;
        First++;
        if (First > KeyNumber)
        {
            KeyNumber = -1;
        }

        if (block != _block && (First == End || this[First].Block != block))
        {
            pool.Return(block);
        }
    }

    private bool TryChangeBlock()
    {
        byte[] next;
        while (!pool.TryRent(out next))
        {
            if (First == End)
            {
                _blockUsed = 0;
                return _block is not null;
            }

            Evict();
        }

        var full = _block;
        _block = next;
        _blockUsed = 0;
        if (full is not null && (First == End || this[End - 1].Block != full))
        {
            pool.Return(full);
        }

        return true;
    }

    private void Grow()
    {
        var larger = new VideoPacket[Math.Max(FirstCapacity, _ring.Length * 2)];
        for (var number = First; number < End; number++)
        {
            larger[number & (larger.Length - 1)] = this[number];
        }

        _ring = larger;
    }
}

/// <summary>Bounds of one feed's cache on one loop.</summary>
public sealed record VideoStoreLimits
{
    /// <summary>Payload bytes; a 4K camera's group of two seconds at 8 Mbit/s has 2 MB.</summary>
    public int MaxBytes { get; init; } = 4 * 1024 * 1024;

    public int MaxPackets { get; init; } = 8192;

    /// <summary>How long a watched feed's packets can be asked for again.</summary>
    public int HistoryMs { get; init; } = 1500;
}
