namespace Comms.Media.Crypto;

/// <summary>
/// One profile's session keys for one direction and one of RTP or RTCP. Sizes and replay are the caller's; this only
/// encrypts and authenticates in place.
/// </summary>
internal abstract class SrtpCipher : IDisposable
{
    /// <summary>Makes the RTP cipher of a direction.</summary>
    public static SrtpCipher CreateRtp(SrtpMasterKey master, bool encrypt) =>
        master.Profile == SrtpProfile.AeadAes128Gcm
            ? SrtpGcmCipher.Derive(master, SrtpKeyLabel.RtpEncryption, SrtpKeyLabel.RtpSalt, encrypt)
            : SrtpCounterCipher.Derive(master, SrtpKeyLabel.RtpEncryption);

    /// <summary>Makes the RTCP cipher of a direction.</summary>
    public static SrtpCipher CreateRtcp(SrtpMasterKey master, bool encrypt) =>
        master.Profile == SrtpProfile.AeadAes128Gcm
            ? SrtpGcmCipher.Derive(master, SrtpKeyLabel.RtcpEncryption, SrtpKeyLabel.RtcpSalt, encrypt)
            : SrtpCounterCipher.Derive(master, SrtpKeyLabel.RtcpEncryption);

    public abstract int TagBytes { get; }

    /// <summary>Protects <paramref name="packet"/>, whose last <see cref="TagBytes"/> bytes are room for the tag.</summary>
    public abstract void ProtectRtp(Span<byte> packet, in SrtpHeader header, ulong index);

    /// <summary>Unprotects a packet with its tag at the end. False: not authentic, the packet's bytes are then worthless.</summary>
    public abstract bool UnprotectRtp(Span<byte> packet, in SrtpHeader header, ulong index);

    /// <summary>Protects an RTCP packet whose last <see cref="TagBytes"/> + 4 bytes are room for tag and index word.</summary>
    public abstract void ProtectRtcp(Span<byte> packet, uint ssrc, uint index);

    /// <summary>Reads the word that carries the E bit and the 31-bit index. RFC 3711 §3.4, RFC 7714 §9.</summary>
    public abstract uint ReadRtcpIndexWord(ReadOnlySpan<byte> packet);

    /// <summary>Unprotects an RTCP packet of at least 8 + <see cref="TagBytes"/> + 4 bytes. False: not authentic.</summary>
    public abstract bool UnprotectRtcp(Span<byte> packet, uint ssrc, uint indexWord);

    public abstract void Dispose();
}
