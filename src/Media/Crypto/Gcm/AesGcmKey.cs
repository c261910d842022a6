using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Comms.Media.Crypto.Gcm;

/// <summary>
/// One AES-128-GCM key made ready: 11 round keys and the hash key's first four powers, 240 bytes that lie together so that a cold
/// key costs four cache lines. Lives in memory that does not move; <see cref="Clear"/> before that is given back.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct AesGcmKey
{
    public const int Bytes = 240;
    public const int Rounds = 10;

    private fixed byte _roundKeys[16 * (Rounds + 1)];
    private fixed byte _powers[16 * GcmHash.Powers];

    /// <summary>True where the processor has AES and carry-less multiplication.</summary>
    public static bool IsSupported => Aes.IsSupported && Pclmulqdq.IsSupported && Ssse3.IsSupported;

    /// <summary>Expands 16 bytes of key (FIPS 197 §5.2) and derives the hash key and its powers (SP 800-38D §7.1).</summary>
    public static void Expand(ReadOnlySpan<byte> key, AesGcmKey* expanded)
    {
        var round = (Vector128<byte>*)expanded->_roundKeys;
        var last = Vector128.Create(key[..16]);
        round[0] = last;
        round[1] = last = Next(last, Aes.KeygenAssist(last, 0x01));
        round[2] = last = Next(last, Aes.KeygenAssist(last, 0x02));
        round[3] = last = Next(last, Aes.KeygenAssist(last, 0x04));
        round[4] = last = Next(last, Aes.KeygenAssist(last, 0x08));
        round[5] = last = Next(last, Aes.KeygenAssist(last, 0x10));
        round[6] = last = Next(last, Aes.KeygenAssist(last, 0x20));
        round[7] = last = Next(last, Aes.KeygenAssist(last, 0x40));
        round[8] = last = Next(last, Aes.KeygenAssist(last, 0x80));
        round[9] = last = Next(last, Aes.KeygenAssist(last, 0x1B));
        round[10] = Next(last, Aes.KeygenAssist(last, 0x36));
        GcmHash.Prepare(EncryptBlock(round, Vector128<byte>.Zero), (Vector128<ulong>*)expanded->_powers);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte>* RoundKeys(AesGcmKey* key) => (Vector128<byte>*)key->_roundKeys;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong>* HashPowers(AesGcmKey* key) => (Vector128<ulong>*)key->_powers;

    /// <summary>Overwrites the key; the compiler may not leave this out.</summary>
    public static void Clear(AesGcmKey* key) => System.Security.Cryptography.CryptographicOperations.ZeroMemory(new Span<byte>(key, Bytes));

    /// <summary>One block of AES-128 alone.</summary>
    public static Vector128<byte> EncryptBlock(AesGcmKey* key, Vector128<byte> block) => EncryptBlock(RoundKeys(key), block);

    private static Vector128<byte> EncryptBlock(Vector128<byte>* round, Vector128<byte> block)
    {
        block ^= round[0];
        for (int i = 1; i < Rounds; i++) block = Aes.Encrypt(block, round[i]);
        return Aes.EncryptLast(block, round[Rounds]);
    }

    private static Vector128<byte> Next(Vector128<byte> last, Vector128<byte> assist)
    {
        last ^= Sse2.ShiftLeftLogical128BitLane(last, 4);
        last ^= Sse2.ShiftLeftLogical128BitLane(last, 8);
        return last ^ Sse2.Shuffle(assist.AsUInt32(), 0xFF).AsByte();
    }
}
