using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Comms.Signaling.Security;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transport;
using Comms.Signaling.Tests.Bridges;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Transport;

/// <summary>SIP over TCP and TLS on loopback.</summary>
public sealed class SipStreamsTests
{
    private static readonly TestCertificate Certificate = new();

    [Fact]
    public async Task A_phone_is_challenged_called_and_hung_up_on_its_own_connection()
    {
        await using var endpoint = Start();
        endpoint.CallEvent += happening =>
        {
            if (happening is CallOffered offered)
            {
                endpoint.Answer(offered.Call, "v=0\r\n"u8.ToArray());
            }
        };
        using var phone = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        await phone.SendAsync(SipSamples.Request("INVITE"));
        var challenge = await FinalAsync(phone);
        Assert.Equal(401, challenge.Status);
        await phone.SendAsync(SipSamples.Request("ACK", toTag: challenge.To.Tag));
        await phone.SendAsync(UdpPhone.Authorized("INVITE", challenge));
        var ok = await FinalAsync(phone);
        Assert.Equal(200, ok.Status);
        Assert.Equal($"<sip:127.0.0.1:{endpoint.TcpAddresses[0].Port};transport=tcp>", ok.Headers.First("Contact"));
        await phone.SendAsync(SipSamples.Request("ACK", "z9hG4bKack", 2, toTag: ok.To.Tag));
        var stopping = endpoint.StopAsync();
        var bye = Assert.IsType<SipRequest>(await phone.ReceiveAsync());
        Assert.StartsWith("SIP/2.0/TCP 127.0.0.1", bye.Headers.First("Via"), StringComparison.Ordinal);
        await phone.SendAsync(SipResponse.For(bye, 200));
        await stopping;
        Assert.Null(await phone.ReceiveAsync());
    }

    [Fact]
    public async Task A_message_in_pieces_and_two_in_one_are_read_and_a_double_line_end_is_answered()
    {
        await using var endpoint = Start();
        using var phone = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        byte[] first = SipMessageWriter.Write(SipSamples.Request("OPTIONS", "z9hG4bKa", callId: "a"));
        byte[] both = [.. first, .. SipMessageWriter.Write(SipSamples.Request("OPTIONS", "z9hG4bKb", callId: "b"))];
        await phone.SendAsync(both.AsMemory(0, 100));
        await phone.SendAsync(both.AsMemory(100));
        Assert.Equal("a", (await FinalAsync(phone)).CallId);
        Assert.Equal("b", (await FinalAsync(phone)).CallId);
        await phone.SendAsync("\r\n\r\n"u8.ToArray());
        Assert.Equal("\r\n", await phone.ReceiveTextAsync());
        Assert.Equal(1, endpoint.Counters.KeepAlives);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_cut_is_closed_and_others_go_on()
    {
        await using var endpoint = Start();
        using var phone = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        using var stranger = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        await stranger.SendAsync("GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n"u8.ToArray());
        Assert.Null(await stranger.ReceiveAsync());
        Assert.Equal(1, endpoint.Counters.Dropped(SipDropReason.Malformed));
        Assert.Equal(200, await AskAsync(phone, "after"));
        await Eventually.TrueAsync(() => endpoint.Connections == 1, "the stranger's connection is forgotten");
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_closed_and_holds_up_nobody()
    {
        await using var endpoint = Start(new SipOptions { PacketsPerSecondPerSource = 1_000_000, PacketBurstPerSource = 1_000_000 });
        using var deaf = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        using var phone = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        try
        {
            for (var i = 0; endpoint.Connections == 2; i++)
            {
                await deaf.SendAsync(SipSamples.Request("OPTIONS", $"z9hG4bKdeaf{i}", callId: $"deaf{i}"));
            }
        }
        catch (IOException)
        {
            // The server has closed it.
        }

        Assert.Equal(200, await AskAsync(phone, "meanwhile"));
        Assert.True(endpoint.Counters.Dropped(SipDropReason.SendFailed) > 0);
    }

    [Fact]
    public async Task Connections_over_the_share_of_a_source_are_closed_at_once()
    {
        await using var endpoint = Start(new SipOptions { MaxConnectionsPerSource = 2 });
        using var first = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        using var second = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        Assert.Equal(200, await AskAsync(first, "1"));
        Assert.Equal(200, await AskAsync(second, "2"));
        using (var third = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]))
        {
            Assert.Null(await third.ReceiveAsync());
        }

        Assert.Equal(1, endpoint.Counters.Dropped(SipDropReason.ConnectionRefused));
        first.Dispose();
        await Eventually.TrueAsync(() => endpoint.Connections == 1, "the first connection is forgotten");
        using var later = await StreamPhone.ConnectAsync(endpoint.TcpAddresses[0]);
        Assert.Equal(200, await AskAsync(later, "3"));
    }

    [Fact]
    public async Task Over_tls_the_servers_certificate_is_shown_and_one_that_is_not_trusted_is_refused()
    {
        await using var endpoint = Start();
        using (var phone = await StreamPhone.ConnectAsync(endpoint.TlsAddresses[0], (_, shown, _, _) => Certificate.Is(shown)))
        {
            Assert.Equal(200, await AskAsync(phone, "secured"));
        }

        await Assert.ThrowsAsync<AuthenticationException>(() => StreamPhone.ConnectAsync(endpoint.TlsAddresses[0], (_, _, _, errors) => errors == SslPolicyErrors.None));
        using var plain = await StreamPhone.ConnectAsync(endpoint.TlsAddresses[0]);
        await plain.SendAsync(SipSamples.Request("OPTIONS"));
        Assert.DoesNotContain("SIP/2.0", await plain.ReceiveTextAsync(), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => endpoint.Connections == 0, "no connection is left");
    }

    [Fact]
    public async Task Without_a_certificate_there_is_no_tls_and_without_an_address_no_tcp()
    {
        await using var endpoint = Start(new SipOptions { ListenTcp = "" }, hasCertificate: false);
        Assert.Empty(endpoint.TcpAddresses);
        Assert.Empty(endpoint.TlsAddresses);
    }

    [Fact]
    public void Tls_takes_the_next_port_unless_another_is_named()
    {
        var options = new SipOptions { Listen = "192.0.2.1:5060, [2001:db8::1]:5070" };
        Assert.Equal(["192.0.2.1:5060", "[2001:db8::1]:5070"], options.TcpAddresses.Select(address => address.ToString()));
        Assert.Equal(["192.0.2.1:5061", "[2001:db8::1]:5071"], options.TlsAddresses.Select(address => address.ToString()));
        Assert.Equal(["192.0.2.1:443"], (options with { ListenTls = "192.0.2.1:443" }).TlsAddresses.Select(address => address.ToString()));
    }

    private static SipEndpoint Start(SipOptions? options = null, bool hasCertificate = true)
    {
        var directory = new TableSipDirectory(SipServerBench.Realm);
        directory.AddAccount("gw1", "unit", "secret");
        var endpoint = new SipEndpoint((options ?? new SipOptions()) with { Listen = "127.0.0.1:0" }, new SipRealm(SipServerBench.Realm), directory,
            TimeProvider.System, NullLogger<SipEndpoint>.Instance, certificate: hasCertificate ? Certificate : null);
        endpoint.Start();
        return endpoint;
    }

    private static async Task<int> AskAsync(StreamPhone phone, string callId)
    {
        await phone.SendAsync(SipSamples.Request("OPTIONS", "z9hG4bK" + callId, callId: callId));
        return (await FinalAsync(phone)).Status;
    }

    private static async Task<SipResponse> FinalAsync(StreamPhone phone)
    {
        while (true)
        {
            var response = Assert.IsType<SipResponse>(await phone.ReceiveAsync());
            if (!response.IsProvisional)
            {
                return response;
            }
        }
    }

    private sealed class TestCertificate : ISipCertificate
    {
        private readonly X509Certificate2 _certificate = Make();

        public SslStreamCertificateContext Current => SslStreamCertificateContext.Create(_certificate, null, offline: true);

        public bool Is(X509Certificate? shown) => shown is X509Certificate2 certificate && certificate.Thumbprint == _certificate.Thumbprint;

        private static X509Certificate2 Make()
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=comms.test", key, HashAlgorithmName.SHA256);
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        }
    }
}
