using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Comms.Signaling.Sip.Transport;

/// <summary>
/// Both roles of SIP over TLS: shows our certificate, checks the peer's. RFC 3261 §26.3, RFC 5922. Thread-safe.
/// </summary>
internal sealed class SipTls
{
    private readonly ISipCertificate? _certificate;
    private readonly bool _isClientKnown;
    private readonly string _authorities;
    private readonly X509Certificate2Collection _trusted = [];

    public SipTls(SipOptions options, ISipCertificate? certificate)
    {
        _certificate = certificate;
        _isClientKnown = options.RequireClientCertificate;
        _authorities = options.TrustedAuthorities;
    }

    public bool CanAccept => _certificate is not null;

    /// <summary>Reads the authorities' file. Throws when it cannot be read: the operator must know.</summary>
    public void Load()
    {
        if (_authorities.Length > 0)
        {
            _trusted.ImportFromPemFile(_authorities);
        }
    }

    /// <summary>The handshake with a peer that connected to us.</summary>
    public Task AcceptAsync(SslStream stream, CancellationToken stopping) => stream.AuthenticateAsServerAsync(
        new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _certificate!.Current,
            ClientCertificateRequired = _isClientKnown,
            CertificateChainPolicy = Policy("1.3.6.1.5.5.7.3.2"),
        },
        stopping);

    /// <summary>The handshake with a peer that we call by <paramref name="name"/>: its certificate must say so.</summary>
    public Task ConnectAsync(SslStream stream, string name, CancellationToken stopping) => stream.AuthenticateAsClientAsync(
        new SslClientAuthenticationOptions
        {
            TargetHost = name,
            ClientCertificateContext = _certificate?.Current,
            CertificateChainPolicy = Policy("1.3.6.1.5.5.7.3.1"),
        },
        stopping);

    // Devices of one city have an authority of their own, which tells no revocations.
    private X509ChainPolicy Policy(string purpose)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid(purpose));
        if (_trusted.Count > 0)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_trusted);
        }

        return policy;
    }
}
