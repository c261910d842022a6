using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Comms.Media.Crypto.Dtls;

/// <summary>
/// A node's self-signed ECDSA P-256 certificate with its key; made anew at every start, since peers trust the fingerprint in SDP and
/// nothing else (RFC 8827 §6.5).
/// </summary>
public sealed class DtlsIdentity
{
    private DtlsIdentity(byte[] certificateDer, byte[] privateKeyDer)
    {
        CertificateDer = certificateDer;
        PrivateKeyDer = privateKeyDer;
        Fingerprint = DtlsFingerprint.Sha256Of(certificateDer);
    }

    /// <summary>To be put into our SDP.</summary>
    public DtlsFingerprint Fingerprint { get; }

    internal byte[] CertificateDer { get; }

    /// <summary>PKCS #8; never leaves the process.</summary>
    internal byte[] PrivateKeyDer { get; }

    /// <summary>Makes a certificate without a well-defined expiry (RFC 5280 §4.1.2.5): the process ends before any could matter.</summary>
    public static DtlsIdentity Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=WebRTC", key, HashAlgorithmName.SHA256);
        var notBefore = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var notAfter = new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);
        using var certificate = request.CreateSelfSigned(notBefore, notAfter);
        return new DtlsIdentity(certificate.RawData, key.ExportPkcs8PrivateKey());
    }
}
