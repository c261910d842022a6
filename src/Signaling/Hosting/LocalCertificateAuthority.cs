using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Comms.Signaling.Hosting;

/// <summary>
/// The CA that phones install once, and the certificate it signs for this machine's present addresses. ECDSA P-256.
/// Kept in the data folder: ca.pem, ca.key, server.pem, server.key.
/// </summary>
public sealed class LocalCertificateAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const int AuthorityYears = 10;

    /// <summary>Apple refuses certificates of an installed CA that live longer than 825 days; browsers converge on about one year.</summary>
    private const int ServerDays = 397;

    /// <summary>A start within this time of the end makes a new certificate.</summary>
    private const int RenewBeforeDays = 60;

    private readonly string _folder;
    private readonly X509Certificate2 _authority;

    private LocalCertificateAuthority(string folder, X509Certificate2 authority) => (_folder, _authority) = (folder, authority);

    /// <summary>DER, for installation on phones.</summary>
    public byte[] CertificateDer => _authority.RawData;

    public string Subject => _authority.Subject;

    public static LocalCertificateAuthority LoadOrCreate(string folder, string machine, DateTimeOffset now)
    {
        X509Certificate2? authority = Load(folder, "ca");
        if (authority is null || authority.NotAfter < now.UtcDateTime.AddDays(ServerDays))
        {
            authority = CreateAuthority(machine, now);
            Save(folder, "ca", authority);
        }

        return new LocalCertificateAuthority(folder, authority);
    }

    /// <summary>The stored certificate when it covers the names and lives long enough, else a new one.</summary>
    public X509Certificate2 LoadOrCreateServer(CertificateNames names, DateTimeOffset now)
    {
        X509Certificate2? server = Load(_folder, "server");
        if (server is not null && IsFit(server, names, now)) return server;
        server?.Dispose();
        server = CreateServer(names, now);
        Save(_folder, "server", server);
        return server;
    }

    public void Dispose() => _authority.Dispose();

    private bool IsFit(X509Certificate2 server, CertificateNames names, DateTimeOffset now) =>
        server.Issuer == _authority.Subject
        && server.NotAfter.ToUniversalTime() > now.UtcDateTime.AddDays(RenewBeforeDays)
        && server.NotBefore.ToUniversalTime() <= now.UtcDateTime
        && names.AreCoveredBy(server);

    private static X509Certificate2 CreateAuthority(string machine, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        var request = new CertificateRequest($"CN=Comms local CA {machine} {mark}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(now.AddDays(-1), now.AddYears(AuthorityYears));
    }

    private X509Certificate2 CreateServer(CertificateNames names, DateTimeOffset now)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names.Dns[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names.Dns) alternatives.AddDnsName(name);
        foreach (var address in names.Addresses) alternatives.AddIpAddress(address);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority, true, false));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7F;
        using X509Certificate2 signed = request.Create(_authority, now.AddDays(-1), now.AddDays(ServerDays), serial);
        return signed.CopyWithPrivateKey(key);
    }

    private static X509Certificate2? Load(string folder, string name)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(Path.Combine(folder, name + ".pem"), Path.Combine(folder, name + ".key"));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException or CryptographicException)
        {
            return null;
        }
    }

    private static void Save(string folder, string name, X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()
            ?? throw new CryptographicException("A certificate made here always has its ECDSA key.");
        PrivateFile.Write(Path.Combine(folder, name + ".key"), key.ExportPkcs8PrivateKeyPem());
        PrivateFile.Write(Path.Combine(folder, name + ".pem"), certificate.ExportCertificatePem());
    }
}
