using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Comms.Signaling.Sip.Transport;

namespace Comms.Signaling.Tests.Sip.Transport;

/// <summary>A certificate authority of a test, whose root stands in a PEM file of its own.</summary>
internal sealed class TestAuthority : IDisposable
{
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddDays(-1);
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _root;
    private readonly string _folder = Directory.CreateTempSubdirectory("comms-authority-").FullName;

    public TestAuthority()
    {
        var request = new CertificateRequest("CN=Test Authority", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(Begin, DateTimeOffset.UtcNow.AddDays(30));
        PemFile = Path.Combine(_folder, "authority.pem");
        File.WriteAllText(PemFile, _root.ExportCertificatePem());
    }

    /// <summary>The root's certificate.</summary>
    public string PemFile { get; }

    /// <summary>A certificate for 127.0.0.1 that is good for both ends of a connection.</summary>
    public X509Certificate2 Issue(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1"), new Oid("1.3.6.1.5.5.7.3.2")], false));
        using var issued = request.Create(_root, Begin, DateTimeOffset.UtcNow.AddDays(1), RandomNumberGenerator.GetBytes(8));
        using var whole = issued.CopyWithPrivateKey(key);
        // A key that lives in memory only is not taken by every platform's TLS.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    public ISipCertificate Shown(string name) => new Showing(Issue(name));

    public void Dispose()
    {
        _root.Dispose();
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private sealed class Showing(X509Certificate2 certificate) : ISipCertificate
    {
        public SslStreamCertificateContext Current { get; } = SslStreamCertificateContext.Create(certificate, null, offline: true);
    }
}
