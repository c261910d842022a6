using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Numbers;

namespace Comms.Media.Tests.Crypto.Dtls;

/// <summary>A server and a client endpoint joined by queues of datagrams that a test may drop, reorder or damage.</summary>
internal sealed class DtlsPair : IDisposable
{
    public static readonly OpenSslDtlsContext ServerContext = new(DtlsIdentity.Create());
    public static readonly OpenSslDtlsContext ClientContext = new(DtlsIdentity.Create());
    private readonly byte[] _buffer = new byte[2048];

    public DtlsPair(DtlsFingerprint? clientFingerprint = null, DtlsFingerprint? serverFingerprint = null, SrtpProfile[]? clientProfiles = null)
    {
        Server = ServerContext.CreateEndpoint(DtlsRole.Server, clientFingerprint ?? ClientContext.Identity.Fingerprint, Now);
        Client = ClientContext.CreateEndpoint(DtlsRole.Client, serverFingerprint ?? ServerContext.Identity.Fingerprint, Now, clientProfiles);
    }

    public Instant Now { get; set; }

    public IDtlsEndpoint Server { get; }

    public IDtlsEndpoint Client { get; }

    public List<byte[]> Take(IDtlsEndpoint from)
    {
        var taken = new List<byte[]>();
        while (from.TryPollTransmit(_buffer, out int length)) taken.Add(_buffer[..length]);
        return taken;
    }

    public void Give(IDtlsEndpoint to, IEnumerable<byte[]> datagrams)
    {
        foreach (byte[] datagram in datagrams) to.HandleDatagram(datagram, Now);
    }

    /// <summary>Carries datagrams both ways until neither side has any.</summary>
    public void Exchange()
    {
        for (int round = 0; round < 20; round++)
        {
            var fromClient = Take(Client);
            Give(Server, fromClient);
            var fromServer = Take(Server);
            Give(Client, fromServer);
            if (fromClient.Count + fromServer.Count == 0) return;
        }
    }

    /// <summary>Waits, on the real clock as OpenSSL does, until the endpoint sends its flight again.</summary>
    public List<byte[]> AwaitRetransmission(IDtlsEndpoint from)
    {
        List<byte[]> taken = [];
        SpinWait.SpinUntil(() =>
        {
            from.HandleTimeout(Now);
            taken = Take(from);
            return taken.Count > 0;
        }, TimeSpan.FromSeconds(30));
        return taken;
    }

    public void Dispose()
    {
        Server.Dispose();
        Client.Dispose();
    }
}
