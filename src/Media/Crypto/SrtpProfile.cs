namespace Comms.Media.Crypto;

/// <summary>SRTP protection profiles by their DTLS-SRTP numbers. RFC 5764 §4.1.2, RFC 7714 §14.2.</summary>
public enum SrtpProfile : ushort
{
    None = 0,
    Aes128CmHmacSha1_80 = 0x0001,
    AeadAes128Gcm = 0x0007,
}

/// <summary>Sizes of a profile's parts, in bytes.</summary>
public static class SrtpProfileSizes
{
    /// <summary>Both profiles use AES-128.</summary>
    public const int KeyBytes = 16;

    /// <summary>HMAC-SHA1's key. RFC 3711 §8.2.</summary>
    public const int AuthenticationKeyBytes = 20;

    /// <summary>What protecting adds at the most: the GCM tag and the SRTCP index word.</summary>
    public const int MaxOverheadBytes = 20;

    extension(SrtpProfile profile)
    {
        /// <summary>Master and session salt. RFC 3711 §4.3, RFC 7714 §12.</summary>
        public int SaltBytes => profile == SrtpProfile.AeadAes128Gcm ? 12 : 14;

        public int TagBytes => profile == SrtpProfile.AeadAes128Gcm ? 16 : 10;
    }
}
