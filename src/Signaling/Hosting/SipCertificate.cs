using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Comms.Signaling.Sip.Transport;

namespace Comms.Signaling.Hosting;

/// <summary>HTTPS's certificate for SIP over TLS, with its chain; prepared once for each certificate. Thread-safe.</summary>
public sealed class SipCertificate(ServerCertificate certificate) : ISipCertificate
{
    private readonly Lock _lock = new();
    private X509Certificate2? _source;
    private SslStreamCertificateContext? _prepared;

    public SslStreamCertificateContext Current
    {
        get
        {
            lock (_lock)
            {
                if (_prepared is null || !ReferenceEquals(_source, certificate.Current))
                {
                    _source = certificate.Current;
                    _prepared = SslStreamCertificateContext.Create(_source, certificate.Chain, offline: true);
                }

                return _prepared;
            }
        }
    }
}
