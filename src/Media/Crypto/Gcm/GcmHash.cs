using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Comms.Media.Crypto.Gcm;

/// <summary>
/// GHASH (SP 800-38D §6.4) by carry-less multiplication. Blocks are byte-reversed, the hash key is multiplied by x once, and a product
/// is reduced by x^-128: RFC 8452 appendix A shows that this is the same. Four blocks share one reduction. Constant time.
/// </summary>
internal static unsafe class GcmHash
{
    /// <summary>Powers of the hash key that are kept, and blocks that share a reduction.</summary>
    public const int Powers = 4;

    /// <summary>The field's polynomial, in the form that one multiplication of 64 bits reduces with.</summary>
    private const ulong Polynomial = 0xC200_0000_0000_0000;

    private static Vector128<byte> ByteReversal
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    }

    /// <summary>Writes the powers H, H², H³, H⁴ of the hash key.</summary>
    public static void Prepare(Vector128<byte> hashKey, Vector128<ulong>* powers)
    {
        var key = Reverse(hashKey);
        // Times x: shift left by one bit; what falls out comes back as the polynomial. Without branching on the key.
        ulong low = key[0];
        ulong high = key[1];
        ulong carry = 0 - (high >> 63);
        var first = Vector128.Create((low << 1) ^ (carry & 1), (high << 1 | low >> 63) ^ (carry & Polynomial));
        powers[0] = first;
        for (int i = 1; i < Powers; i++) powers[i] = Multiply(powers[i - 1], first);
    }

    /// <summary>A block in the order of bits that this class computes in, and back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Reverse(Vector128<byte> block) => Ssse3.Shuffle(block, ByteReversal).AsUInt64();

    /// <summary>Adds whole blocks to the hash.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> AddBlocks(Vector128<ulong>* powers, Vector128<ulong> hash, byte* data, int blocks)
    {
        for (; blocks >= 4; blocks -= 4, data += 64)
        {
            Begin(hash ^ Load(data), powers[3], out var low, out var middle, out var high);
            Accumulate(Load(data + 16), powers[2], ref low, ref middle, ref high);
            Accumulate(Load(data + 32), powers[1], ref low, ref middle, ref high);
            Accumulate(Load(data + 48), powers[0], ref low, ref middle, ref high);
            hash = Reduce(low, middle, high);
        }

        if (blocks == 0) return hash;
        Begin(hash ^ Load(data), powers[blocks - 1], out var restLow, out var restMiddle, out var restHigh);
        for (int i = 1; i < blocks; i++) Accumulate(Load(data + 16 * i), powers[blocks - 1 - i], ref restLow, ref restMiddle, ref restHigh);
        return Reduce(restLow, restMiddle, restHigh);
    }

    /// <summary>Adds one block, already reversed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> AddBlock(Vector128<ulong>* powers, Vector128<ulong> hash, Vector128<ulong> block) => Multiply(hash ^ block, powers[0]);

    /// <summary>Adds two blocks, already reversed, with one reduction.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> AddTwo(Vector128<ulong>* powers, Vector128<ulong> hash, Vector128<ulong> first, Vector128<ulong> second)
    {
        Begin(hash ^ first, powers[1], out var low, out var middle, out var high);
        Accumulate(second, powers[0], ref low, ref middle, ref high);
        return Reduce(low, middle, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Load(byte* data) => Reverse(Vector128.Load(data));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Multiply(Vector128<ulong> left, Vector128<ulong> right)
    {
        Begin(left, right, out var low, out var middle, out var high);
        return Reduce(low, middle, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Begin(
        Vector128<ulong> left, Vector128<ulong> right, out Vector128<ulong> low, out Vector128<ulong> middle, out Vector128<ulong> high)
    {
        low = Pclmulqdq.CarrylessMultiply(left, right, 0x00);
        middle = Pclmulqdq.CarrylessMultiply(left, right, 0x01) ^ Pclmulqdq.CarrylessMultiply(left, right, 0x10);
        high = Pclmulqdq.CarrylessMultiply(left, right, 0x11);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Accumulate(
        Vector128<ulong> left, Vector128<ulong> right, ref Vector128<ulong> low, ref Vector128<ulong> middle, ref Vector128<ulong> high)
    {
        Begin(left, right, out var addLow, out var addMiddle, out var addHigh);
        low ^= addLow;
        middle ^= addMiddle;
        high ^= addHigh;
    }

    // Folds the low 64 bits into the rest by the polynomial, twice.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Reduce(Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        var polynomial = Vector128.CreateScalar(Polynomial);
        middle ^= Swap(low) ^ Pclmulqdq.CarrylessMultiply(low, polynomial, 0x00);
        return high ^ Swap(middle) ^ Pclmulqdq.CarrylessMultiply(middle, polynomial, 0x00);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Swap(Vector128<ulong> value) => Sse2.Shuffle(value.AsUInt32(), 0x4E).AsUInt64();
}
