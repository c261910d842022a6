using System.Text;
using Comms.Signaling.Security;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transport;
using Comms.Signaling.Tests.Bridges;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Transport;

/// <summary>The real socket, mailbox and timer, on loopback.</summary>
public sealed class SipEndpointTests : IAsyncLifetime, IDisposable
{
    private readonly TableSipDirectory _directory = new(SipServerBench.Realm);
    private readonly SipEndpoint _endpoint;
    private readonly UdpPhone _phone = new();

    public SipEndpointTests()
    {
        _directory.AddAccount("gw1", "unit", "secret");
        _endpoint = Start(new SipOptions());
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _endpoint.DisposeAsync();

    public void Dispose() => _phone.Dispose();

    [Fact]
    public async Task An_unacknowledged_200_comes_again_by_the_timer_and_a_stop_says_bye()
    {
        _endpoint.CallEvent += happening =>
        {
            if (happening is CallOffered offered)
            {
                _endpoint.Answer(offered.Call, "v=0\r\n"u8.ToArray());
            }
        };
        await _phone.SendAsync(_endpoint, SipSamples.Request("INVITE"));
        var challenge = await _phone.ReceiveAsync<SipResponse>();
        Assert.Equal(401, challenge.Status);
        await _phone.SendAsync(_endpoint, SipSamples.Request("ACK", toTag: challenge.To.Tag));
        await _phone.SendAsync(_endpoint, UdpPhone.Authorized("INVITE", challenge));
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(200, (await _phone.ReceiveAsync<SipResponse>()).Status);
        }

        var stopping = _endpoint.StopAsync();
        var bye = await _phone.ReceiveAsync<SipRequest>();
        Assert.Equal("BYE", bye.Method);
        await _phone.SendAsync(_endpoint, SipResponse.For(bye, 200));
        await stopping;
    }

    [Fact]
    public async Task A_source_over_its_share_is_dropped_and_counted_and_served_again_later()
    {
        await using var endpoint = Start(new SipOptions { PacketsPerSecondPerSource = 20, PacketBurstPerSource = 5 });
        var flood = SipMessageWriter.Write(SipSamples.Request("OPTIONS"));
        for (var i = 0; i < 50; i++)
        {
            await _phone.SendAsync(endpoint, flood);
        }

        while (endpoint.Counters.Received < 50)
        {
            await Task.Yield();
        }

        Assert.InRange(endpoint.Counters.Dropped(SipDropReason.RateLimited), 30, 45);
        var later = SipMessageWriter.Write(SipSamples.Request("OPTIONS", "z9hG4bKlater", callId: "later"));
        for (var callId = ""; callId != "later";)
        {
            await _phone.SendAsync(endpoint, later);
            callId = _phone.Available > 0 ? (await _phone.ReceiveAsync<SipResponse>()).CallId : callId;
        }
    }

    [Fact]
    public async Task Garbage_is_counted_not_answered_and_a_call_still_works_after_it()
    {
        foreach (var garbage in (string[])["", "\r\n\r\n", "x", "INVITE", "SIP/2.0 200 OK\r\n\r\n", new string('A', 60_000)])
        {
            await _phone.SendAsync(_endpoint, Encoding.ASCII.GetBytes(garbage));
        }

        await _phone.SendAsync(_endpoint, SipSamples.Request("OPTIONS"));
        Assert.Equal(200, (await _phone.ReceiveAsync<SipResponse>()).Status);
        Assert.Equal(0, _phone.Available);
        Assert.Equal(1, _endpoint.Counters.Sent);
    }

    [Fact]
    public async Task An_answer_goes_to_the_packets_source_whatever_the_via_says()
    {
        var request = SipSamples.Request("OPTIONS");
        request.Headers.Set("Via", "SIP/2.0/UDP 203.0.113.9:9;branch=z9hG4bKfar");
        await _phone.SendAsync(_endpoint, request);
        var response = await _phone.ReceiveAsync<SipResponse>();
        Assert.Equal("127.0.0.1", response.TopVia.Parameters["received"]);
    }

    private SipEndpoint Start(SipOptions options)
    {
        var endpoint = new SipEndpoint(options with { Listen = "127.0.0.1:0" }, new SipRealm(SipServerBench.Realm), _directory,
            TimeProvider.System, NullLogger<SipEndpoint>.Instance);
        endpoint.Start();
        return endpoint;
    }
}
