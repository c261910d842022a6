using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Comms.Media.Crypto.Gcm;

/// <summary>
/// AES-128-GCM (SP 800-38D) with 96-bit nonce and 128-bit tag by the processor's own instructions, for short packets under many keys:
/// no handle, no state but the key, the tag's block encrypted beside the first seven of the data. No branch and no address
/// depends on secrets.
/// </summary>
[SkipLocalsInit]
internal static unsafe class AesGcm128
{
    public const int TagBytes = 16;
    private const int BlockBytes = 16;

    /// <summary>Blocks encrypted at once: hides the latency of an AES round.</summary>
    private const int Lanes = 8;

    /// <summary>Slid over by a tail's length, a mask of so many bytes.</summary>
    private static ReadOnlySpan<byte> TailMask =>
    [
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    /// <summary>
    /// Encrypts <paramref name="length"/> bytes of <paramref name="source"/> to <paramref name="data"/> (which may be the same) and writes
    /// the tag behind them. 16 bytes behind the source and behind the associated bytes must be readable; what they are does not matter.
    /// </summary>
    public static void Seal(AesGcmKey* key, Vector128<byte> nonce, byte* associated, int associatedBytes, byte* source, byte* data, int length)
    {
        var powers = AesGcmKey.HashPowers(key);
        var hash = AddAssociated(powers, associated, associatedBytes);
        var tagMask = AddKeyStream(key, nonce, source, data, length);
        hash = AddData(powers, hash, data, associatedBytes, length);
        (GcmHash.Reverse(hash.AsByte()).AsByte() ^ tagMask).Store(data + length);
    }

    /// <summary>
    /// Decrypts in place when the tag behind the data is right. False: it is wrong, and the data stays as it was. 16 bytes behind the
    /// associated bytes must be readable.
    /// </summary>
    public static bool Open(AesGcmKey* key, Vector128<byte> nonce, byte* associated, int associatedBytes, byte* data, int length)
    {
        var powers = AesGcmKey.HashPowers(key);
        var hash = AddAssociated(powers, associated, associatedBytes);
        hash = AddData(powers, hash, data, associatedBytes, length);
        Vector128<byte>* stream = stackalloc Vector128<byte>[Lanes];
        MakeKeyStream(AesGcmKey.RoundKeys(key), Counter(nonce, 1), stream);
        var difference = GcmHash.Reverse(hash.AsByte()).AsByte() ^ stream[0] ^ Vector128.Load(data + length);
        if (difference != Vector128<byte>.Zero) return false;
        var received = Vector128.Load(data + length);
        AddKeyStream(key, nonce, data, data, length);
        received.Store(data + length);
        return true;
    }

    /// <summary>A nonce of 12 bytes; 16 must be readable there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> LoadNonce(byte* nonce) => Vector128.Load(nonce) & Mask(12);

    // Returns the block that masks the tag: counter 1. The data's counters begin at 2.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> AddKeyStream(AesGcmKey* key, Vector128<byte> nonce, byte* source, byte* data, int length)
    {
        Vector128<byte>* stream = stackalloc Vector128<byte>[Lanes];
        var round = AesGcmKey.RoundKeys(key);
        uint counter = 1;
        MakeKeyStream(round, Counter(nonce, counter), stream);
        var tagMask = stream[0];
        for (int lane = 1; ; lane = 0)
        {
            for (; lane < Lanes; lane++)
            {
                if (length < BlockBytes)
                {
                    if (length > 0) ((Vector128.Load(source) ^ stream[lane]) & Mask(length)).Store(data);
                    return tagMask;
                }

                (Vector128.Load(source) ^ stream[lane]).Store(data);
                source += BlockBytes;
                data += BlockBytes;
                length -= BlockBytes;
            }

            if (length == 0) return tagMask;
            counter += Lanes;
            MakeKeyStream(round, Counter(nonce, counter), stream);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> AddAssociated(Vector128<ulong>* powers, byte* associated, int bytes)
    {
        int whole = bytes / BlockBytes;
        var hash = whole == 0 ? Vector128<ulong>.Zero : GcmHash.AddBlocks(powers, Vector128<ulong>.Zero, associated, whole);
        int rest = bytes - whole * BlockBytes;
        if (rest == 0) return hash;
        return GcmHash.AddBlock(powers, hash, GcmHash.Reverse(Vector128.Load(associated + whole * BlockBytes) & Mask(rest)));
    }

    // Ciphertext, padded with zeros, then both lengths in bits. SP 800-38D §7.1 step 5.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> AddData(Vector128<ulong>* powers, Vector128<ulong> hash, byte* data, int associatedBytes, int length)
    {
        int whole = length / BlockBytes;
        hash = GcmHash.AddBlocks(powers, hash, data, whole);
        var lengths = Vector128.Create((ulong)length * 8, (ulong)associatedBytes * 8);
        int rest = length - whole * BlockBytes;
        if (rest == 0) return GcmHash.AddBlock(powers, hash, lengths);
        var tail = GcmHash.Reverse(Vector128.Load(data + whole * BlockBytes) & Mask(rest));
        return GcmHash.AddTwo(powers, hash, tail, lengths);
    }

    // The counter as a little-endian word in the last lane; MakeKeyStream turns it round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Counter(Vector128<byte> nonce, uint first) => nonce.AsUInt32() | Vector128.Create(0, 0, 0, first);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Block(Vector128<uint> counter, uint ahead) =>
        Ssse3.Shuffle((counter + Vector128.Create(0, 0, 0, ahead)).AsByte(), Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 14, 13, 12));

    private static void MakeKeyStream(Vector128<byte>* round, Vector128<uint> counter, Vector128<byte>* stream)
    {
        var key = round[0];
        var b0 = Block(counter, 0) ^ key;
        var b1 = Block(counter, 1) ^ key;
        var b2 = Block(counter, 2) ^ key;
        var b3 = Block(counter, 3) ^ key;
        var b4 = Block(counter, 4) ^ key;
        var b5 = Block(counter, 5) ^ key;
        var b6 = Block(counter, 6) ^ key;
        var b7 = Block(counter, 7) ^ key;
        for (int i = 1; i < AesGcmKey.Rounds; i++)
        {
            key = round[i];
            b0 = Aes.Encrypt(b0, key);
            b1 = Aes.Encrypt(b1, key);
            b2 = Aes.Encrypt(b2, key);
            b3 = Aes.Encrypt(b3, key);
            b4 = Aes.Encrypt(b4, key);
            b5 = Aes.Encrypt(b5, key);
            b6 = Aes.Encrypt(b6, key);
            b7 = Aes.Encrypt(b7, key);
        }

        key = round[AesGcmKey.Rounds];
        stream[0] = Aes.EncryptLast(b0, key);
        stream[1] = Aes.EncryptLast(b1, key);
        stream[2] = Aes.EncryptLast(b2, key);
        stream[3] = Aes.EncryptLast(b3, key);
        stream[4] = Aes.EncryptLast(b4, key);
        stream[5] = Aes.EncryptLast(b5, key);
        stream[6] = Aes.EncryptLast(b6, key);
        stream[7] = Aes.EncryptLast(b7, key);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Mask(int bytes) =>
        Vector128.LoadUnsafe(in MemoryMarshal.GetReference(TailMask), (nuint)(BlockBytes - bytes));
}
