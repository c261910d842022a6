using Comms.Grains.Contracts;
using Comms.Signaling.Security;
using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Registration;
using Comms.Signaling.Sip.Transport;
using Comms.Signaling.Tests.Bridges;
using Comms.Signaling.Tests.Sip.Transport;
using Comms.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Registration;

/// <summary>Registrations over restarts of the SIP side, with a real socket and a store on a table.</summary>
public sealed class RegistrationKeeperTests : IDisposable
{
    private static readonly SipOptions Options = new() { Listen = "127.0.0.1:0" };

    private readonly TableSipDirectory _directory = new(SipServerBench.Realm);
    private readonly TableRegistrationStore _store = new();
    private readonly UdpPhone _phone = new();

    public RegistrationKeeperTests() => _directory.AddAccount("gw1", "unit", "secret");

    public void Dispose() => _phone.Dispose();

    [Fact]
    public async Task A_phone_is_registered_still_after_a_restart_until_it_says_otherwise()
    {
        await using (var first = await Server.StartAsync(this))
        {
            Assert.Empty(first.Restored);
            Assert.Equal(200, (await _phone.RegisterAsync(first.Endpoint, 600)).Status);
            await Eventually.TrueAsync(() => _store.Kept.ContainsKey("gw1"), "the contact is kept");
        }

        await using (var second = await Server.StartAsync(this))
        {
            var kept = Assert.Single(second.Restored);
            Assert.Equal(("gw1", "unit-gw1"), (kept.AccountId, kept.UnitId));
            var contact = (await AskAsync(second)).Headers.First("Contact");
            Assert.Matches("^<sip:gw1@192.0.2.77:40001>;expires=(59[0-9]|600)$", contact);
            await _phone.RegisterAsync(second.Endpoint, 0);
        }

        Assert.Empty(_store.Kept["gw1"]);
        await using var third = await Server.StartAsync(this);
        Assert.Empty(third.Restored);
    }

    [Theory]
    [InlineData("<sip:gw1@192.0.2.77:40001>", "127.0.0.1:5060", "192.0.2.77:40001", -1, "c")]
    [InlineData("<sip:gw1@192.0.2.77:40001>", "127.0.0.1:5060", "192.0.2.77:40001", 4_000, "c")]
    [InlineData("<sip:gw1@192.0.2.77:40001>", "127.0.0.1:5060", "192.0.2.77", 60, "c")]
    [InlineData("<sip:gw1@192.0.2.77:40001>", "here", "192.0.2.77:40001", 60, "c")]
    [InlineData("<sip:gw1@192.0.2.77:40001>", "127.0.0.1:5060", "192.0.2.77:40001", 60, "")]
    [InlineData("<mailto:gw1@192.0.2.77>", "127.0.0.1:5060", "192.0.2.77:40001", 60, "c")]
    [InlineData("<sip:gw1@", "127.0.0.1:5060", "192.0.2.77:40001", 60, "c")]
    [InlineData(null, null, null, 60, null)]
    public async Task What_is_over_or_cannot_be_read_is_ignored_and_the_rest_is_served(
        string? contact, string? local, string? remote, int leftSeconds, string? callId)
    {
        var expires = DateTimeOffset.UtcNow.AddSeconds(leftSeconds);
        _store.Kept["gw1"] = [new SipContact("", contact!, local!, remote!, expires, callId!, 1), Good("<sip:b@192.0.2.9>")];
        await using var server = await Server.StartAsync(this);
        Assert.Single(server.Restored);
        Assert.StartsWith("<sip:b@192.0.2.9>;expires=", Assert.Single((await AskAsync(server)).Headers.All("Contact")), StringComparison.Ordinal);
        await Eventually.TrueAsync(() => _store.Kept["gw1"].Count == 1, "only the good contact is kept on");
    }

    [Fact]
    public async Task A_refresh_is_written_only_when_the_kept_time_is_too_short_or_too_long()
    {
        _store.Kept["gw1"] = [Good("<sip:gw1@192.0.2.77:40001>")];
        await using (var server = await Server.StartAsync(this))
        {
            // The first REGISTER of a new Call-ID is a change, the next ones are refreshes of an hour that has just begun.
            await _phone.RegisterAsync(server.Endpoint, 3600);
            await Eventually.TrueAsync(() => _store.Writes == 1, "the new Call-ID is kept");
            for (var i = 0; i < 5; i++)
            {
                await _phone.RegisterAsync(server.Endpoint, 3600);
            }
        }

        Assert.Equal(1, _store.Writes);
        var soon = DateTimeOffset.UtcNow.AddSeconds(100);
        _store.Kept["gw1"] = [_store.Kept["gw1"][0] with { ExpiresAt = soon }];
        await using (var server = await Server.StartAsync(this))
        {
            await _phone.RegisterAsync(server.Endpoint, 3600);
        }

        Assert.Equal(2, _store.Writes);
        Assert.True(_store.Kept["gw1"][0].ExpiresAt > soon.AddSeconds(3_000));
        await using (var server = await Server.StartAsync(this))
        {
            await _phone.RegisterAsync(server.Endpoint, 60);
        }

        Assert.Equal(3, _store.Writes);
        Assert.True(_store.Kept["gw1"][0].ExpiresAt < soon);
    }

    [Fact]
    public async Task A_store_that_is_down_costs_no_registration_and_is_written_when_it_is_back()
    {
        _store.Kept["gw9"] = [Good("<sip:b@192.0.2.9>")];
        _store.IsDown = true;
        await using var server = await Server.StartAsync(this);
        Assert.Equal(200, (await _phone.RegisterAsync(server.Endpoint, 600)).Status);
        await Eventually.TrueAsync(() => _store.Writes == 1, "the store was tried");
        _store.IsDown = false;
        Assert.Equal(200, (await _phone.RegisterAsync(server.Endpoint, 600)).Status);
        await Eventually.TrueAsync(() => _store.Kept.ContainsKey("gw1"), "the refresh is kept");
    }

    [Fact]
    public async Task An_account_that_is_put_out_is_registered_no_longer_and_forgotten()
    {
        _store.Kept["gw1"] = [Good("<sip:b@192.0.2.9>")];
        await using var server = await Server.StartAsync(this);
        server.Endpoint.Unregister("gw1");
        await Eventually.TrueAsync(() => _store.Kept["gw1"].Count == 0, "the contact is forgotten");
        Assert.Empty((await AskAsync(server)).Headers.All("Contact"));
    }

    private static SipContact Good(string contact) =>
        new("", contact, "127.0.0.1:5060", "192.0.2.77:40001", DateTimeOffset.UtcNow.AddSeconds(3_600), "earlier", 1);

    // A REGISTER without contact asks for the bindings (RFC 3261 §10.2.3).
    private async Task<SipResponse> AskAsync(Server server)
    {
        var answer = await _phone.RegisterAsync(server.Endpoint, null);
        Assert.Equal(200, answer.Status);
        return answer;
    }

    private sealed class Server(SipEndpoint endpoint, RegistrationKeeper keeper, IReadOnlyList<KeptRegistration> restored) : IAsyncDisposable
    {
        public SipEndpoint Endpoint => endpoint;

        public IReadOnlyList<KeptRegistration> Restored => restored;

        public static async Task<Server> StartAsync(RegistrationKeeperTests test)
        {
            var endpoint = new SipEndpoint(
                Options, new SipRealm(SipServerBench.Realm), test._directory, TimeProvider.System, NullLogger<SipEndpoint>.Instance);
            var keeper = new RegistrationKeeper(endpoint, Options, test._store, TimeProvider.System, NullLogger<RegistrationKeeper>.Instance);
            var restored = await keeper.RestoreAsync(CancellationToken.None);
            endpoint.Start();
            return new Server(endpoint, keeper, restored);
        }

        public async ValueTask DisposeAsync()
        {
            await endpoint.DisposeAsync();
            await keeper.StopAsync();
        }
    }
}
