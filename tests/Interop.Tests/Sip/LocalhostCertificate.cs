using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Comms.Signaling.Sip.Transport;

namespace Comms.Interop.Tests.Sip;

/// <summary>A certificate for "localhost" that is its own authority, and the file that a phone trusts it by.</summary>
internal sealed class LocalhostCertificate : ISipCertificate, IDisposable
{
    private readonly X509Certificate2 _certificate;

    public LocalhostCertificate()
    {
        using var key = RSA.Create(2_048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        _certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        PemFile = Path.GetTempFileName();
        File.WriteAllText(PemFile, _certificate.ExportCertificatePem());
    }

    public string PemFile { get; }

    public SslStreamCertificateContext Current => SslStreamCertificateContext.Create(_certificate, null, offline: true);

    public void Dispose()
    {
        File.Delete(PemFile);
        _certificate.Dispose();
    }
}
