using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Comms.Media.Crypto.OpenSsl;

namespace Comms.Media.Crypto;

/// <summary>AES-128 counter mode with an 80-bit HMAC-SHA1 tag. RFC 3711 §4.1.1 and §4.2.1.</summary>
internal sealed class SrtpCounterCipher : SrtpCipher
{
    private const int SaltBytes = 14;
    private const int BlockBytes = 16;
    private const int Tag = 10;
    private const uint EncryptedBit = 0x8000_0000;
    private readonly CipherContext _cipher;
    private readonly HmacSha1Key _authentication;
    private CounterSalt _salt;

    /// <summary>From session keys: 16 bytes of key, 20 of authentication key, 14 of salt.</summary>
    public SrtpCounterCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> authenticationKey, ReadOnlySpan<byte> salt)
    {
        _authentication = new HmacSha1Key(authenticationKey);
        _cipher = CipherContext.CreateCtr(key);
        salt[..SaltBytes].CopyTo(_salt);
    }

    /// <summary>Derives from the label of the encryption key and the two that follow it. RFC 3711 §4.3.1.</summary>
    public static SrtpCounterCipher Derive(SrtpMasterKey master, SrtpKeyLabel keyLabel)
    {
        Span<byte> key = stackalloc byte[SrtpProfileSizes.KeyBytes];
        Span<byte> authenticationKey = stackalloc byte[SrtpProfileSizes.AuthenticationKeyBytes];
        Span<byte> salt = stackalloc byte[SaltBytes];
        SrtpKeyDerivation.Derive(master, keyLabel, key);
        SrtpKeyDerivation.Derive(master, keyLabel + 1, authenticationKey);
        SrtpKeyDerivation.Derive(master, keyLabel + 2, salt);
        var cipher = new SrtpCounterCipher(key, authenticationKey, salt);
        key.Clear();
        authenticationKey.Clear();
        return cipher;
    }

    public override int TagBytes => Tag;

    public override void ProtectRtp(Span<byte> packet, in SrtpHeader header, ulong index)
    {
        int end = packet.Length - Tag;
        AddKeyStream(packet[header.HeaderBytes..end], header.Ssrc, index);
        Span<byte> code = stackalloc byte[HmacSha1Key.DigestBytes];
        ComputeRtpCode(packet, index, code);
        code[..Tag].CopyTo(packet[end..]);
    }

    public override bool UnprotectRtp(Span<byte> packet, in SrtpHeader header, ulong index)
    {
        int end = packet.Length - Tag;
        Span<byte> received = stackalloc byte[Tag];
        packet[end..].CopyTo(received);
        Span<byte> code = stackalloc byte[HmacSha1Key.DigestBytes];
        ComputeRtpCode(packet, index, code);
        if (!CryptographicOperations.FixedTimeEquals(code[..Tag], received)) return false;
        AddKeyStream(packet[header.HeaderBytes..end], header.Ssrc, index);
        return true;
    }

    public override void ProtectRtcp(Span<byte> packet, uint ssrc, uint index)
    {
        int end = packet.Length - Tag - 4;
        AddKeyStream(packet[SrtpHeader.RtcpHeaderBytes..end], ssrc, index);
        BinaryPrimitives.WriteUInt32BigEndian(packet[end..], EncryptedBit | index);
        Span<byte> code = stackalloc byte[HmacSha1Key.DigestBytes];
        _authentication.Compute(packet[..(end + 4)], code);
        code[..Tag].CopyTo(packet[(end + 4)..]);
    }

    public override uint ReadRtcpIndexWord(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^(Tag + 4)..]);

    public override bool UnprotectRtcp(Span<byte> packet, uint ssrc, uint indexWord)
    {
        Span<byte> code = stackalloc byte[HmacSha1Key.DigestBytes];
        _authentication.Compute(packet[..^Tag], code);
        if (!CryptographicOperations.FixedTimeEquals(code[..Tag], packet[^Tag..])) return false;
        if ((indexWord & EncryptedBit) == 0) return true;
        AddKeyStream(packet[SrtpHeader.RtcpHeaderBytes..^(Tag + 4)], ssrc, indexWord & ~EncryptedBit);
        return true;
    }

    public override void Dispose() => _cipher.Dispose();

    // The code covers the packet and the rollover counter (RFC 3711 §4.2), which stands in the tag's place meanwhile.
    private void ComputeRtpCode(Span<byte> packet, ulong index, Span<byte> code)
    {
        int end = packet.Length - Tag;
        BinaryPrimitives.WriteUInt32BigEndian(packet[end..], RtpPacketIndex.Rollover(index));
        _authentication.Compute(packet[..(end + 4)], code);
    }

    // Counter block, RFC 3711 §4.1.1: (salt · 2^16) XOR (SSRC · 2^64) XOR (index · 2^16).
    private void AddKeyStream(Span<byte> data, uint ssrc, ulong index)
    {
        Span<byte> counter = stackalloc byte[BlockBytes];
        ReadOnlySpan<byte> salt = _salt;
        salt.CopyTo(counter);
        BinaryPrimitives.WriteUInt16BigEndian(counter[SaltBytes..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(counter[4..], BinaryPrimitives.ReadUInt32BigEndian(counter[4..]) ^ ssrc);
        ulong low = BinaryPrimitives.ReadUInt64BigEndian(counter[8..]) ^ (index << 16);
        BinaryPrimitives.WriteUInt64BigEndian(counter[8..], low);
        _cipher.AddKeyStream(counter, data);
    }

    [InlineArray(SaltBytes)]
    private struct CounterSalt
    {
        private byte _first;
    }
}
