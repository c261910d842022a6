using System.Buffers.Binary;

namespace Comms.Support;

/// <summary>Mutates one corpus item into a reused buffer. The result depends on the seed and the corpus only.</summary>
public sealed class FuzzMutator(byte[][] corpus)
{
    /// <summary>Mutations may extend an input up to this much over the longest corpus item.</summary>
    private const int Headroom = 256;

    private static readonly uint[] InterestingInts =
        [0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 20, 31, 32, 63, 64, 127, 128, 255, 256, 1023, 1024, 32767, 32768, 65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF];

    private readonly byte[] _buffer = new byte[corpus.Max(item => item.Length) + Headroom];
    private readonly byte[] _slice = new byte[corpus.Max(item => item.Length) + Headroom];
    private int _length;

    /// <summary>The mutated input of this seed; valid until the next call.</summary>
    public ReadOnlySpan<byte> Mutate(ulong seed)
    {
        var random = new SeededRandom(seed);
        byte[] item = corpus[random.Next(corpus.Length)];
        item.CopyTo(_buffer, 0);
        _length = item.Length;
        int rounds = 1 + random.Next(4);
        for (int round = 0; round < rounds; round++) MutateOnce(ref random);
        return _buffer.AsSpan(0, _length);
    }

    private void MutateOnce(ref SeededRandom random)
    {
        switch (random.Next(8))
        {
            case 0: FlipBits(ref random); break;
            case 1: SetBytes(ref random); break;
            case 2: _length = random.Next(_length + 1); break;
            case 3: Extend(ref random); break;
            case 4: DuplicateSlice(ref random); break;
            case 5: Splice(ref random); break;
            case 6: WriteInterestingInt(ref random); break;
            default: DeleteSlice(ref random); break;
        }
    }

    private void FlipBits(ref SeededRandom random)
    {
        if (_length == 0) return;
        for (int count = 1 + random.Next(4); count > 0; count--) _buffer[random.Next(_length)] ^= (byte)(1 << random.Next(8));
    }

    private void SetBytes(ref SeededRandom random)
    {
        if (_length == 0) return;
        for (int count = 1 + random.Next(4); count > 0; count--) _buffer[random.Next(_length)] = random.NextByte();
    }

    private void Extend(ref SeededRandom random)
    {
        int added = random.Next(Math.Min(64, _buffer.Length - _length) + 1);
        for (int i = 0; i < added; i++) _buffer[_length++] = random.NextByte();
    }

    private void DuplicateSlice(ref SeededRandom random)
    {
        int start = random.Next(_length);
        int count = Math.Min(random.Next(_length - start + 1), _buffer.Length - _length);
        int at = random.Next(_length + 1);
        _buffer.AsSpan(start, count).CopyTo(_slice);
        _buffer.AsSpan(at, _length - at).CopyTo(_buffer.AsSpan(at + count));
        _slice.AsSpan(0, count).CopyTo(_buffer.AsSpan(at));
        _length += count;
    }

    private void DeleteSlice(ref SeededRandom random)
    {
        int start = random.Next(_length);
        int count = random.Next(_length - start + 1);
        _buffer.AsSpan(start + count, _length - start - count).CopyTo(_buffer.AsSpan(start));
        _length -= count;
    }

    private void Splice(ref SeededRandom random)
    {
        byte[] other = corpus[random.Next(corpus.Length)];
        int head = random.Next(_length + 1);
        int from = random.Next(other.Length + 1);
        int count = Math.Min(other.Length - from, _buffer.Length - head);
        other.AsSpan(from, count).CopyTo(_buffer.AsSpan(head));
        _length = head + count;
    }

    private void WriteInterestingInt(ref SeededRandom random)
    {
        uint value = InterestingInts[random.Next(InterestingInts.Length)];
        int size = 1 << random.Next(3);
        if (_length < size) return;
        var at = _buffer.AsSpan(random.Next(_length - size + 1));
        if (size == 1) at[0] = (byte)value;
        else if (size == 2) BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)value);
        else BinaryPrimitives.WriteUInt32BigEndian(at, value);
    }
}
