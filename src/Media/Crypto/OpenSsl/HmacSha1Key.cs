using Comms.Media.Wire.Stun;

namespace Comms.Media.Crypto.OpenSsl;

/// <summary>
/// An HMAC-SHA1 key (RFC 2104) kept as the two digest states that its padded key leads to, so that a packet costs two
/// digest runs fewer than hashing the key anew. 40 bytes, no handle.
/// </summary>
internal unsafe struct HmacSha1Key : IMessageIntegrity
{
    public const int DigestBytes = 20;
    private const int BlockBytes = 64;
    private fixed uint _inner[5];
    private fixed uint _outer[5];

    public HmacSha1Key(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, BlockBytes);
        fixed (uint* inner = _inner, outer = _outer)
        {
            Absorb(key, 0x36, inner);
            Absorb(key, 0x5C, outer);
        }
    }

    /// <summary>Writes the 20-byte code of <paramref name="message"/>.</summary>
    public readonly void Compute(ReadOnlySpan<byte> message, Span<byte> code)
    {
        byte* digest = stackalloc byte[DigestBytes];
        fixed (uint* inner = _inner, outer = _outer)
        fixed (byte* messageBytes = message)
        {
            Finish(inner, messageBytes, message.Length, digest);
            Finish(outer, digest, DigestBytes, digest);
        }

        new ReadOnlySpan<byte>(digest, DigestBytes).CopyTo(code);
    }

    private static void Finish(uint* chain, byte* data, int length, byte* digest)
    {
        var state = new Sha1State { BitsLow = BlockBytes * 8 };
        for (int i = 0; i < 5; i++) state.Chain[i] = chain[i];
        _ = LibCrypto.SHA1_Update(&state, data, (nuint)length);
        _ = LibCrypto.SHA1_Final(digest, &state);
    }

    private static void Absorb(ReadOnlySpan<byte> key, byte pad, uint* chain)
    {
        byte* block = stackalloc byte[BlockBytes];
        for (int i = 0; i < BlockBytes; i++) block[i] = (byte)((i < key.Length ? key[i] : 0) ^ pad);
        Sha1State state;
        _ = LibCrypto.SHA1_Init(&state);
        _ = LibCrypto.SHA1_Update(&state, block, BlockBytes);
        for (int i = 0; i < 5; i++) chain[i] = state.Chain[i];
    }
}
