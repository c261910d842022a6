using System.Security.Cryptography;

namespace Comms.Media.Crypto.Dtls;

/// <summary>A certificate's hash as SDP names it. RFC 8122 §5: "sha-256" and bytes.</summary>
public sealed record DtlsFingerprint(string Algorithm, byte[] Hash)
{
    /// <summary>True for an algorithm we can check and a hash of that algorithm's length. MD5 and MD2 are refused.</summary>
    public bool IsSupported => Hash.Length > 0 && Hash.Length == HashBytes(Algorithm);

    public static DtlsFingerprint Sha256Of(ReadOnlySpan<byte> certificateDer) => new("sha-256", SHA256.HashData(certificateDer));

    /// <summary>True when this is the hash of that certificate.</summary>
    public bool Matches(ReadOnlySpan<byte> certificateDer)
    {
        if (!IsSupported) return false;
        Span<byte> actual = stackalloc byte[Hash.Length];
        switch (Hash.Length)
        {
            case SHA1.HashSizeInBytes: SHA1.HashData(certificateDer, actual); break;
            case SHA256.HashSizeInBytes: SHA256.HashData(certificateDer, actual); break;
            case SHA384.HashSizeInBytes: SHA384.HashData(certificateDer, actual); break;
            default: SHA512.HashData(certificateDer, actual); break;
        }

        return CryptographicOperations.FixedTimeEquals(actual, Hash);
    }

    private static int HashBytes(string algorithm) => algorithm.ToUpperInvariant() switch
    {
        "SHA-1" => SHA1.HashSizeInBytes,
        "SHA-256" => SHA256.HashSizeInBytes,
        "SHA-384" => SHA384.HashSizeInBytes,
        "SHA-512" => SHA512.HashSizeInBytes,
        _ => -1,
    };
}
