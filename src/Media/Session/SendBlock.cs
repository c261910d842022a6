using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Gcm;
using Comms.Media.Numbers;

namespace Comms.Media.Session;

/// <summary>
/// What sending to one peer needs, in native memory: key, salt, destination; its streams lie behind it. A fan-out reads these five
/// cache lines and the stream's two, in order, and no managed object of the session.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Bytes)]
internal unsafe struct SendBlock
{
    public const int Bytes = 320;

    public AesGcmKey Key;
    public TransportAddress Remote;

    /// <summary>Which of the table's outputs the peer is reached by.</summary>
    public int Output;

    /// <summary>Connected, with AEAD_AES_128_GCM on a processor that has it; otherwise the session protects in its own way.</summary>
    public bool IsReady;

    private fixed byte _salt[16];

    /// <summary>Takes the session keys of a direction, RFC 7714 §11.</summary>
    public static void UseKeys(SendBlock* block, SrtpMasterKey master)
    {
        Span<byte> key = stackalloc byte[SrtpProfileSizes.KeyBytes];
        SrtpKeyDerivation.Derive(master, SrtpKeyLabel.RtpEncryption, key);
        AesGcmKey.Expand(key, &block->Key);
        CryptographicClear(key);
        SrtpKeyDerivation.Derive(master, SrtpKeyLabel.RtpSalt, new Span<byte>(block->_salt, master.Profile.SaltBytes));
        block->IsReady = true;
    }

    /// <summary>
    /// Protects the RTP packet in place: 12 bytes of header, <paramref name="payloadBytes"/>, room for the tag. RFC 7714 §8.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Protect(SendBlock* block, byte* packet, int payloadBytes, uint ssrc, ulong index)
    {
        // §8.1: 16 zero bits, SSRC, rollover counter and sequence number, which are the packet index; XOR salt.
        ulong first = (ulong)ssrc << 16 | index >> 32;
        var nonce = Vector128.Create(BinaryPrimitives.ReverseEndianness(first), BinaryPrimitives.ReverseEndianness((uint)index)).AsByte()
            ^ Vector128.Load(block->_salt);
        byte* payload = packet + Wire.Rtp.RtpHeader.Bytes;
        AesGcm128.Seal(&block->Key, nonce, packet, Wire.Rtp.RtpHeader.Bytes, payload, payload, payloadBytes);
    }

    private static void CryptographicClear(Span<byte> secret) => System.Security.Cryptography.CryptographicOperations.ZeroMemory(secret);
}
