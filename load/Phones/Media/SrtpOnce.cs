using System.Buffers.Binary;
using System.Security.Cryptography;
using Comms.Media.Crypto;

namespace Comms.Phones.Media;

/// <summary>
/// AEAD_AES_128_GCM (RFC 7714) for packets that come seldom: 28 bytes of key and salt for each phone and direction instead of a
/// cipher object, which is made and thrown away with the packet.
/// </summary>
public static class SrtpOnce
{
    /// <summary>Session key, then session salt.</summary>
    public const int KeyBytes = 16 + SaltBytes;

    private const int SaltBytes = 12;
    private const int TagBytes = 16;
    private const int RtpHeaderBytes = 12;
    private const int RtcpHeaderBytes = 8;
    private const uint EncryptedBit = 0x8000_0000;

    /// <summary>Derives the session key and salt of RTP from a peer's master key.</summary>
    public static void DeriveRtp(SrtpMasterKey master, Span<byte> key)
    {
        SrtpKeyDerivation.Derive(master, SrtpKeyLabel.RtpEncryption, key[..16]);
        SrtpKeyDerivation.Derive(master, SrtpKeyLabel.RtpSalt, key[16..KeyBytes]);
    }

    public static void DeriveRtcp(SrtpMasterKey master, Span<byte> key)
    {
        SrtpKeyDerivation.Derive(master, SrtpKeyLabel.RtcpEncryption, key[..16]);
        SrtpKeyDerivation.Derive(master, SrtpKeyLabel.RtcpSalt, key[16..KeyBytes]);
    }

    /// <summary>Authenticates and decrypts one RTP packet without CSRCs or extension in place. The length of its payload, −1 when it is not authentic.</summary>
    public static int OpenRtp(ReadOnlySpan<byte> key, Span<byte> packet, uint rollover)
    {
        int payload = packet.Length - RtpHeaderBytes - TagBytes;
        if (payload < 0 || packet[0] != 0x80) return -1;
        Span<byte> nonce = stackalloc byte[SaltBytes];
        nonce.Clear();
        packet.Slice(8, 4).CopyTo(nonce[2..]);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[6..], rollover);
        packet.Slice(2, 2).CopyTo(nonce[10..]);
        Add(nonce, key[16..]);
        using var cipher = new AesGcm(key[..16], TagBytes);
        var text = packet.Slice(RtpHeaderBytes, payload);
        try
        {
            cipher.Decrypt(nonce, text, packet[^TagBytes..], text, packet[..RtpHeaderBytes]);
            return payload;
        }
        catch (AuthenticationTagMismatchException)
        {
            return -1;
        }
    }

    /// <summary>Protects the compound in the first <paramref name="length"/> bytes; returns the bytes with tag and index word.</summary>
    public static int SealRtcp(ReadOnlySpan<byte> key, Span<byte> buffer, int length, uint index)
    {
        Span<byte> nonce = stackalloc byte[SaltBytes];
        nonce.Clear();
        buffer.Slice(4, 4).CopyTo(nonce[2..]);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], index);
        Add(nonce, key[16..]);
        Span<byte> associated = stackalloc byte[RtcpHeaderBytes + 4];
        buffer[..RtcpHeaderBytes].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[RtcpHeaderBytes..], EncryptedBit | index);
        var text = buffer[RtcpHeaderBytes..length];
        using var cipher = new AesGcm(key[..16], TagBytes);
        cipher.Encrypt(nonce, text, text, buffer.Slice(length, TagBytes), associated);
        associated[RtcpHeaderBytes..].CopyTo(buffer[(length + TagBytes)..]);
        return length + TagBytes + 4;
    }

    private static void Add(Span<byte> nonce, ReadOnlySpan<byte> salt)
    {
        for (int i = 0; i < SaltBytes; i++) nonce[i] ^= salt[i];
    }
}
