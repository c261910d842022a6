using System.Net;
using System.Net.Sockets;
using Comms.Signaling.Security;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transport;
using Comms.Signaling.Tests.Bridges;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Transport;

/// <summary>Two servers as each other's peers over TLS and over IPv6, and floods from one address.</summary>
public sealed class SipPeersTests : IDisposable
{
    private readonly TestAuthority _city = new();
    private readonly TestAuthority _stranger = new();

    public void Dispose()
    {
        _city.Dispose();
        _stranger.Dispose();
    }

    [Fact]
    public async Task Peers_that_show_certificates_of_one_authority_talk_over_one_connection()
    {
        await using var called = Start(_city, _city.Shown("called.test"), isClientKnown: true);
        await using var caller = Start(_city, _city.Shown("caller.test"), isClientKnown: true);
        var way = await caller.FindRouteAsync(UriOf(called), CancellationToken.None);
        Assert.NotNull(way);
        var again = await caller.FindRouteAsync(UriOf(called), CancellationToken.None);
        Assert.Equal(way.Flow, again!.Flow);
        Assert.Equal((1, 1), (caller.Connections, called.Connections));
        var own = new NameAddr(SipUri.Sip("caller", "127.0.0.1"));
        var answer = await caller.RequestAsync(new OutgoingRequest { Method = SipMethods.Options, Route = way, From = own, To = own });
        Assert.Equal(200, answer.Status);
    }

    [Fact]
    public async Task A_peer_whose_certificate_another_authority_signed_is_not_called_and_not_answered()
    {
        await using var called = Start(_stranger, _stranger.Shown("called.test"), isClientKnown: true);
        await using var wary = Start(_city, _city.Shown("caller.test"), isClientKnown: false);
        Assert.Null(await wary.FindRouteAsync(UriOf(called), CancellationToken.None));
        // This caller believes the one it calls, but shows a certificate that is not believed there. Under TLS 1.3 it learns so afterwards.
        await using var unknown = Start(_stranger, _city.Shown("caller.test"), isClientKnown: false);
        await unknown.FindRouteAsync(UriOf(called), CancellationToken.None);
        await Eventually.TrueAsync(() => called.Connections == 0 && unknown.Connections == 0, "no connection is left");
    }

    [Theory]
    [InlineData("udp")]
    [InlineData("tcp")]
    public async Task Peers_talk_over_IPv6(string transport)
    {
        await using var called = Start(_city, null, isClientKnown: false, new SipOptions { Listen = "[::1]:0" });
        await using var caller = Start(_city, null, isClientKnown: false, new SipOptions { Listen = "[::1]:0" });
        var port = (transport == "udp" ? called.Addresses : called.TcpAddresses)[0].Port;
        Assert.True(SipUri.TryParse($"sip:[::1]:{port};transport={transport}", out var uri));
        var way = await caller.FindRouteAsync(uri, CancellationToken.None);
        Assert.Equal(IPAddress.IPv6Loopback, way!.Flow.Local.Address);
        var own = new NameAddr(SipUri.Sip("caller", "[::1]"));
        Assert.Equal(200, (await caller.RequestAsync(new OutgoingRequest { Method = SipMethods.Options, Route = way, From = own, To = own })).Status);
    }

    [Fact]
    public async Task A_flood_from_one_address_is_cut_and_counted_and_others_are_served()
    {
        await using var endpoint = Start(_city, null, isClientKnown: false, new SipOptions { PacketsPerSecondPerSource = 10, PacketBurstPerSource = 50 });
        using var flood = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.9"), 0));
        for (var i = 0; i < 500; i++)
        {
            var method = i % 2 == 0 ? "INVITE" : "REGISTER";
            await flood.SendAsync(SipMessageWriter.Write(SipSamples.Request(method, $"z9hG4bKflood{i}", callId: $"flood{i}")), endpoint.Addresses[0]);
        }

        await Eventually.TrueAsync(() => endpoint.Counters.Dropped(SipDropReason.RateLimited) > 100, "the flood is counted");
        using var phone = new UdpPhone();
        Assert.Equal(200, (await phone.RegisterAsync(endpoint, 600)).Status);
        Assert.Equal(0, endpoint.Calls);
    }

    private static SipUri UriOf(SipEndpoint called)
    {
        Assert.True(SipUri.TryParse($"sip:127.0.0.1:{called.TlsAddresses[0].Port};transport=tls", out var uri));
        return uri;
    }

    private static SipEndpoint Start(TestAuthority trusts, ISipCertificate? shows, bool isClientKnown, SipOptions? options = null)
    {
        var directory = new TableSipDirectory(SipServerBench.Realm);
        directory.AddAccount("gw1", "unit", "secret");
        options ??= new SipOptions();
        options = options with { Listen = options.Listen.StartsWith('[') ? options.Listen : "127.0.0.1:0", RequireClientCertificate = isClientKnown, TrustedAuthorities = trusts.PemFile };
        var endpoint = new SipEndpoint(
            options, new SipRealm(SipServerBench.Realm), directory, TimeProvider.System, NullLogger<SipEndpoint>.Instance, certificate: shows);
        endpoint.Start();
        return endpoint;
    }
}
