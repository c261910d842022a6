using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Gcm;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtp;

namespace Comms.Media.Session;

/// <summary>
/// Keys, destinations and streams of all sessions of one loop, in large pieces of native memory so that a fan-out to thousands finds
/// them close together. What is given back is overwritten first. Owned by its loop.
/// </summary>
/// <param name="drops">Where voice that comes too late for its stream is counted.</param>
public sealed unsafe class SendTable(DropCounters drops) : IDisposable
{
    private const int ChunkBytes = 1 << 20;
    private const int CacheLineBytes = 64;

    private readonly List<nint> _chunks = [];
    private readonly List<IDatagramOutput> _outputs = [];

    /// <summary>Given back, by the number of streams; each holds the address of the next in its first word.</summary>
    private readonly nint[] _free = new nint[SrtpSender.MaxSources + 1];

    private int _usedOfChunk = ChunkBytes;

    public SessionCounters Counters { get; } = new();

    /// <summary>Native memory that is held for sessions, used or not.</summary>
    public long Bytes => (long)_chunks.Count * ChunkBytes;

    public void Dispose()
    {
        foreach (nint chunk in _chunks)
        {
            CryptographicOperations.ZeroMemory(new Span<byte>((void*)chunk, ChunkBytes));
            NativeMemory.AlignedFree((void*)chunk);
        }

        _chunks.Clear();
        Array.Clear(_free);
        _usedOfChunk = ChunkBytes;
    }

    /// <summary>Zeroed memory for a session with so many streams.</summary>
    internal SendBlock* Take(int streams)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(streams, SrtpSender.MaxSources);
        nint block = _free[streams];
        if (block != 0)
        {
            _free[streams] = *(nint*)block;
            *(nint*)block = 0;
            return (SendBlock*)block;
        }

        int bytes = BytesOf(streams);
        if (_usedOfChunk + bytes > ChunkBytes)
        {
            _chunks.Add((nint)NativeMemory.AlignedAlloc(ChunkBytes, CacheLineBytes));
            new Span<byte>((void*)_chunks[^1], ChunkBytes).Clear();
            _usedOfChunk = 0;
        }

        block = _chunks[^1] + _usedOfChunk;
        _usedOfChunk += bytes;
        return (SendBlock*)block;
    }

    internal void Return(SendBlock* block, int streams)
    {
        CryptographicOperations.ZeroMemory(new Span<byte>(block, BytesOf(streams)));
        *(nint*)block = _free[streams];
        _free[streams] = (nint)block;
    }

    internal static SendStream* StreamsOf(SendBlock* block) => (SendStream*)((byte*)block + SendBlock.Bytes);

    /// <summary>The number under which a block names an output.</summary>
    internal int NumberOf(IDatagramOutput output)
    {
        int at = _outputs.IndexOf(output);
        if (at >= 0) return at;
        _outputs.Add(output);
        return _outputs.Count - 1;
    }

    internal IDatagramOutput Output(int number) => _outputs[number];

    /// <summary>Writes, protects and sends one packet as it is. The block has to be ready.</summary>
    internal SendOutcome Send(SendBlock* block, SendStream* stream, in RtpHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        var output = _outputs[block->Output];
        var room = output.Reserve(RtpHeader.Bytes + payload.Length + AesGcm128.TagBytes);
        return room.IsEmpty ? SendOutcome.Blocked : Finish(block, stream, output, room, header, payload, now);
    }

    /// <summary>Gives one packet of voice the stream's own numbers and sends it. The block has to be ready.</summary>
    internal SendOutcome SendVoice(SendBlock* block, SendStream* stream, in VoicePacket packet, Instant now)
    {
        // Room first: a packet that is blocked is given again, and must begin its stream then as it would have now.
        var output = _outputs[block->Output];
        var room = output.Reserve(RtpHeader.Bytes + packet.Payload.Length + AesGcm128.TagBytes);
        if (room.IsEmpty) return SendOutcome.Blocked;
        (ushort sequence, uint timestamp, bool marker) = (packet.Sequence, packet.Timestamp, packet.Marker);
        if (!stream->Rewriter.Rewrite(ref sequence, ref timestamp, ref marker, packet.Ticks, now))
        {
            drops.Count(DropReason.Late);
            return SendOutcome.Refused;
        }

        var header = new RtpHeader(stream->PayloadType, marker, sequence, timestamp, stream->Ssrc);
        return Finish(block, stream, output, room, header, packet.Payload, now);
    }

    private SendOutcome Finish(
        SendBlock* block, SendStream* stream, IDatagramOutput output, Span<byte> room, in RtpHeader header, ReadOnlySpan<byte> payload, Instant now)
    {
        long index = stream->HighestIndex == 0
            ? header.SequenceNumber : RtpPacketIndex.Estimate(stream->HighestIndex, header.SequenceNumber);
        if (index < 0) return SendOutcome.Refused;
        header.Write(room);
        payload.CopyTo(room[RtpHeader.Bytes..]);
        fixed (byte* packet = room) SendBlock.Protect(block, packet, payload.Length, header.Ssrc, (ulong)index);
        output.Commit(RtpHeader.Bytes + payload.Length + AesGcm128.TagBytes, block->Remote);
        stream->HighestIndex = Math.Max(stream->HighestIndex, (ulong)index);
        stream->OnSent(payload.Length, header.Timestamp, now);
        Counters.CountSrtpSent();
        return SendOutcome.Sent;
    }

    private static int BytesOf(int streams) => SendBlock.Bytes + streams * sizeof(SendStream);
}

/// <summary>What became of a packet for one peer.</summary>
public enum SendOutcome
{
    Sent,

    /// <summary>The socket takes nothing more for the moment: the same packet may be given again.</summary>
    Blocked,

    /// <summary>It cannot be sent to this peer, now or later.</summary>
    Refused,
}
