namespace Comms.Media.Fanout;

/// <summary>
/// Fixed blocks of pinned memory for cached video, one pool per loop and used on that loop only. Bounded: when the bound is
/// reached, feeds give up cached pictures rather than the node its memory.
/// </summary>
public sealed class VideoBlockPool(long maxBytes)
{
    /// <summary>Seven full payloads; small, because ten thousand cameras each leave half a block unused.</summary>
    public const int BlockBytes = 8192;

    private readonly Stack<byte[]> _free = new();

    /// <summary>Bytes of all blocks in use.</summary>
    public long UsedBytes { get; private set; }

    public bool TryRent(out byte[] block)
    {
        block = [];
        if (UsedBytes + BlockBytes > maxBytes)
        {
            return false;
        }

        UsedBytes += BlockBytes;
        block = _free.TryPop(out var free) ? free : GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);
        return true;
    }

    public void Return(byte[] block)
    {
        UsedBytes -= BlockBytes;
        _free.Push(block);
    }
}
