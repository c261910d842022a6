using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Comms.Media.Crypto.Gcm;
using Comms.Media.Crypto.OpenSsl;

namespace Comms.Media.Crypto;

/// <summary>AEAD_AES_128_GCM for SRTP (RFC 7714 §8) and SRTCP (§9).</summary>
internal sealed class SrtpGcmCipher : SrtpCipher
{
    private const int NonceBytes = 12;
    private const int Tag = 16;
    private const uint EncryptedBit = 0x8000_0000;
    private readonly IGcmKey _key;
    private NonceSalt _salt;

    /// <summary>From session keys: 16 bytes of key, 12 of salt.</summary>
    public SrtpGcmCipher(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt, bool encrypt)
    {
        salt[..NonceBytes].CopyTo(_salt);
        _key = AesGcmKey.IsSupported ? new NativeGcmKey(key) : CipherContext.CreateGcm(key, encrypt);
    }

    public static SrtpGcmCipher Derive(SrtpMasterKey master, SrtpKeyLabel keyLabel, SrtpKeyLabel saltLabel, bool encrypt)
    {
        Span<byte> key = stackalloc byte[SrtpProfileSizes.KeyBytes];
        Span<byte> salt = stackalloc byte[NonceBytes];
        SrtpKeyDerivation.Derive(master, keyLabel, key);
        SrtpKeyDerivation.Derive(master, saltLabel, salt);
        var cipher = new SrtpGcmCipher(key, salt, encrypt);
        key.Clear();
        return cipher;
    }

    public override int TagBytes => Tag;

    public override void ProtectRtp(Span<byte> packet, in SrtpHeader header, ulong index)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteRtpNonce(nonce, header.Ssrc, index);
        int end = packet.Length - Tag;
        _key.Seal(nonce, packet[..header.HeaderBytes], packet[header.HeaderBytes..], end - header.HeaderBytes);
    }

    public override bool UnprotectRtp(Span<byte> packet, in SrtpHeader header, ulong index)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteRtpNonce(nonce, header.Ssrc, index);
        int end = packet.Length - Tag;
        return _key.Open(nonce, packet[..header.HeaderBytes], packet[header.HeaderBytes..], end - header.HeaderBytes);
    }

    public override void ProtectRtcp(Span<byte> packet, uint ssrc, uint index)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteRtcpNonce(nonce, ssrc, index);
        Span<byte> associated = stackalloc byte[SrtpHeader.RtcpHeaderBytes + 4];
        packet[..SrtpHeader.RtcpHeaderBytes].CopyTo(associated);
        BinaryPrimitives.WriteUInt32BigEndian(associated[SrtpHeader.RtcpHeaderBytes..], EncryptedBit | index);
        int end = packet.Length - Tag - 4;
        _key.Seal(nonce, associated, packet[SrtpHeader.RtcpHeaderBytes..], end - SrtpHeader.RtcpHeaderBytes);
        associated[SrtpHeader.RtcpHeaderBytes..].CopyTo(packet[^4..]);
    }

    public override uint ReadRtcpIndexWord(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt32BigEndian(packet[^4..]);

    public override bool UnprotectRtcp(Span<byte> packet, uint ssrc, uint indexWord)
    {
        // Unencrypted SRTCP (E = 0) authenticates the whole packet as associated data; browsers never send it.
        if ((indexWord & EncryptedBit) == 0) return false;
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteRtcpNonce(nonce, ssrc, indexWord & ~EncryptedBit);
        Span<byte> associated = stackalloc byte[SrtpHeader.RtcpHeaderBytes + 4];
        packet[..SrtpHeader.RtcpHeaderBytes].CopyTo(associated);
        packet[^4..].CopyTo(associated[SrtpHeader.RtcpHeaderBytes..]);
        int end = packet.Length - Tag - 4;
        return _key.Open(nonce, associated, packet[SrtpHeader.RtcpHeaderBytes..], end - SrtpHeader.RtcpHeaderBytes);
    }

    public override void Dispose() => _key.Dispose();

    // RFC 7714 §8.1: 16 zero bits, SSRC, rollover counter, sequence number; XOR salt.
    private void WriteRtpNonce(Span<byte> nonce, uint ssrc, ulong index)
    {
        BinaryPrimitives.WriteUInt16BigEndian(nonce, 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[6..], RtpPacketIndex.Rollover(index));
        BinaryPrimitives.WriteUInt16BigEndian(nonce[10..], (ushort)index);
        AddSalt(nonce);
    }

    // RFC 7714 §9.1: 16 zero bits, SSRC, 16 zero bits, 31-bit index; XOR salt.
    private void WriteRtcpNonce(Span<byte> nonce, uint ssrc, uint index)
    {
        BinaryPrimitives.WriteUInt16BigEndian(nonce, 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[2..], ssrc);
        BinaryPrimitives.WriteUInt16BigEndian(nonce[6..], 0);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[8..], index);
        AddSalt(nonce);
    }

    private void AddSalt(Span<byte> nonce)
    {
        for (int i = 0; i < NonceBytes; i++) nonce[i] ^= _salt[i];
    }

    [InlineArray(NonceBytes)]
    private struct NonceSalt
    {
        private byte _first;
    }
}
