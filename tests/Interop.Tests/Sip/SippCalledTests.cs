using System.Net;
using System.Text;
using System.Threading.Channels;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Sip;

/// <summary>Debian's SIPp as phones and trunks that the server calls: the flows of RFC 3665 from the caller's side.</summary>
[Trait("Category", "Interop")]
public sealed class SippCalledTests : IAsyncLifetime, IAsyncDisposable
{
    private const string Sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 0\r\n";

    private readonly SipTestHost _host = new();
    private readonly Channel<SipServerEvent> _happenings = Channel.CreateUnbounded<SipServerEvent>();

    public Task InitializeAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_called_phone_rings_answers_and_is_hung_up_on(bool overTcp)
    {
        var (phone, port) = Called("called-answer", overTcp);
        var call = await PlaceAsync(port, overTcp);
        Assert.Equal(180, (await NextAsync<CallRinging>()).Status);
        Assert.Contains("m=audio", Encoding.ASCII.GetString((await NextAsync<CallAnswered>()).Sdp.Span), StringComparison.Ordinal);
        Assert.Equal(overTcp ? 1 : 0, _host.Endpoint.Connections);
        _host.Endpoint.HangUp(call);
        Assert.Equal(CallEndReason.LocalBye, (await NextAsync<CallEnded>()).Reason);
        await CheckAsync(phone);
    }

    [Theory]
    [InlineData("called-busy", 486)]
    [InlineData("called-unavailable", 480)]
    public async Task A_phone_that_refuses_ends_the_call_with_its_status(string scenario, int status)
    {
        var (phone, port) = Called(scenario);
        await PlaceAsync(port);
        Assert.Equal((CallEndReason.Refused, status), (await NextAsync<CallEnded>()) is var ended ? (ended.Reason, ended.Status) : default);
        await CheckAsync(phone);
    }

    [Fact]
    public async Task A_phone_that_only_rings_is_cancelled()
    {
        var (phone, port) = Called("called-no-answer");
        var call = await PlaceAsync(port);
        await NextAsync<CallRinging>();
        _host.Endpoint.HangUp(call);
        Assert.Equal(CallEndReason.Withdrawn, (await NextAsync<CallEnded>()).Reason);
        await CheckAsync(phone);
    }

    [Fact]
    public async Task A_trunk_that_asks_for_a_proof_gets_it()
    {
        var (phone, port) = Called("called-challenge");
        var call = await PlaceAsync(port, credentials: new ClientCredentials("trunk1", "secret"));
        await NextAsync<CallAnswered>();
        _host.Endpoint.HangUp(call);
        await NextAsync<CallEnded>();
        await CheckAsync(phone);
    }

    [Fact]
    public async Task Nobody_at_that_address_is_told_at_once_over_tcp()
    {
        Assert.True(SipUri.TryParse($"sip:phone@127.0.0.1:{FreePorts.Tcp()};transport=tcp", out var uri));
        Assert.Null(await _host.Endpoint.FindRouteAsync(uri, CancellationToken.None));
    }

    [Fact]
    public async Task Through_kamailio_phones_call_us_and_are_called()
    {
        using var proxy = await KamailioProcess.StartAsync(workers: 2, Proxy(_host.Address.Port));
        foreach (var scenario in (string[])["options", "register", "hold", "talk", "unknown-number"])
        {
            var result = await new SippRunner(new IPEndPoint(IPAddress.Loopback, proxy.Port)) { Number = scenario == "unknown-number" ? "9999" : "7000" }
                .RunAsync(Scenario(scenario));
            Assert.True(result.IsOk, $"SIPp exited with {result.ExitCode} in {scenario}\n{result.Log}\n{proxy.Output()}");
        }

        var (phone, port) = Called("called-answer");
        var way = await RouteAsync(proxy.Port, overTcp: false);
        var call = Place(way with { Target = SipUri.Sip("phone", "127.0.0.1", port), RouteSet = [Loose(proxy.Port)] }, null);
        await NextAsync<CallAnswered>();
        _host.Endpoint.HangUp(call);
        await CheckAsync(phone);
    }

    private static NameAddr Loose(int port)
    {
        Assert.True(NameAddr.TryParse($"<sip:127.0.0.1:{port};lr>", out var route));
        return route;
    }

    // A proxy that stays in the dialog: what does not come from the server goes there.
    private static string Proxy(int server) => $$"""
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "rr.so"
        loadmodule "maxfwd.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        request_route {
          if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
          loose_route();
          if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
          if (is_method("INVITE") && !has_totag()) { record_route(); }
          if ($sp != {{server}}) { $du = "sip:127.0.0.1:{{server}}"; }
          t_relay();
        }
        """;

    private (Task<SippResult> Phone, int Port) Called(string scenario, bool overTcp = false)
    {
        var port = overTcp ? FreePorts.Tcp() : FreePorts.EvenUdp();
        return (new SippRunner(_host.Address) { LocalPort = port, OverTcp = overTcp }.RunAsync(Scenario(scenario)), port);
    }

    private async Task<SipCallId> PlaceAsync(int port, bool overTcp = false, ClientCredentials? credentials = null) =>
        Place(await RouteAsync(port, overTcp), credentials);

    private SipCallId Place(SipRoute route, ClientCredentials? credentials)
    {
        var invite = new OutgoingInvite { Routes = [route], Sdp = Encoding.ASCII.GetBytes(Sdp), FromUser = "comms", Credentials = credentials };
        return _host.Endpoint.Place(invite, happening => _happenings.Writer.TryWrite(happening));
    }

    // SIPp listens a little after it was started; a TCP connection is refused before that.
    private async Task<SipRoute> RouteAsync(int port, bool overTcp)
    {
        Assert.True(SipUri.TryParse($"sip:phone@127.0.0.1:{port}{(overTcp ? ";transport=tcp" : "")}", out var uri));
        SipRoute? route = null;
        await Eventually.TrueAsync(async () => (route = await _host.Endpoint.FindRouteAsync(uri, CancellationToken.None)) is not null, "there is a way to the phone");
        return route!;
    }

    private async Task<T> NextAsync<T>()
        where T : SipServerEvent
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var happening = await _happenings.Reader.ReadAsync(timeout.Token);
            if (happening is T wanted)
            {
                return wanted;
            }

            Assert.False(happening is CallEnded, $"the call ended before: {happening}");
        }
    }

    private static async Task CheckAsync(Task<SippResult> phone)
    {
        var result = await phone;
        Assert.True(result.IsOk, $"SIPp exited with {result.ExitCode}\n{result.Log}");
    }

    private static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Sip", "scenarios", name + ".xml");
}
