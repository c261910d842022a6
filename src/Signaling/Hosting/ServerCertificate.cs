using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Comms.Signaling.Hosting;

/// <summary>The certificate of HTTPS now: the operator's PEM, or the local CA's, which is made anew when the machine's addresses change.</summary>
public sealed class ServerCertificate : IDisposable
{
    private readonly HttpOptions _options;
    private readonly TimeProvider _time;
    private readonly LocalCertificateAuthority? _authority;
    private volatile X509Certificate2 _current;
    private X509Certificate2Collection _chain = [];

    public ServerCertificate(HttpOptions options, DataFolder folder, TimeProvider time)
    {
        (_options, _time) = (options, time);
        if (options.CertificatePem.Length > 0)
        {
            _current = LoadOperators();
            return;
        }

        _authority = LocalCertificateAuthority.LoadOrCreate(folder.Certificates, LocalAddresses.HostName() ?? "server", time.GetUtcNow());
        _current = _authority.LoadOrCreateServer(CertificateNames.OfThisMachine(options.CertificateNames), time.GetUtcNow());
    }

    public X509Certificate2 Current => _current;

    /// <summary>Intermediate certificates of the operator's chain; empty with the local CA.</summary>
    public X509Certificate2Collection Chain => _chain;

    /// <summary>The local CA's certificate in DER, or null when the operator's certificate is used.</summary>
    public byte[]? AuthorityDer => _authority?.CertificateDer;

    /// <summary>Makes the certificate anew when it no longer covers the machine's addresses or nears its end. True when it did.</summary>
    public bool Renew()
    {
        if (_authority is null) return false;
        X509Certificate2 fresh = _authority.LoadOrCreateServer(CertificateNames.OfThisMachine(_options.CertificateNames), _time.GetUtcNow());
        if (fresh.Thumbprint == _current.Thumbprint)
        {
            fresh.Dispose();
            return false;
        }

        _current = fresh;
        return true;
    }

    public void Dispose()
    {
        _authority?.Dispose();
        _current.Dispose();
    }

    private X509Certificate2 LoadOperators()
    {
        string keyFile = _options.CertificateKeyPem.Length > 0 ? _options.CertificateKeyPem : _options.CertificatePem;
        try
        {
            _chain.ImportFromPemFile(_options.CertificatePem);
            if (_chain.Count > 0) _chain.RemoveAt(0);
            return X509Certificate2.CreateFromPemFile(_options.CertificatePem, keyFile);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The certificate cannot be used (Http:CertificatePem {_options.CertificatePem}, Http:CertificateKeyPem {keyFile}): {fault.Message}");
        }
    }
}
