using Comms.Signaling.Sip;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Sip;

/// <summary>Debian's SIPp against the SIP side alone.</summary>
[Trait("Category", "Interop")]
public sealed class SippTests : IAsyncLifetime, IAsyncDisposable
{
    private readonly SipTestHost _host = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    [Fact]
    public Task A_gateway_registers_and_unregisters() => PlayAsync("register");

    [Fact]
    public Task The_server_tells_what_it_can_do() => PlayAsync("options");

    [Fact]
    public async Task A_gateway_keys_and_releases_a_channel_by_digits()
    {
        await PlayAsync("talk");
        Assert.Equal(["join ch1 unit-gw1", "press ch1 unit-gw1", "release ch1 unit-gw1 Released"], _host.Floor.Asked.Take(3));
        await UntilNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_wrong_password_is_refused()
    {
        await PlayAsync("wrong-password", password: "guess");
        await PlayAsync("wrong-password", user: "nobody");
        Assert.Empty(_host.Floor.Asked);
    }

    [Fact]
    public async Task An_unknown_number_gets_404_and_a_channel_without_right_403()
    {
        await PlayAsync("unknown-number", number: "9999");
        await PlayAsync("forbidden", number: "7002");
        await PlayAsync("forbidden", user: "off");
        Assert.Empty(_host.Floor.Asked);
    }

    [Fact]
    public async Task A_repeated_invite_is_one_call()
    {
        await PlayAsync("retransmitted-invite");
        Assert.Equal("join ch1 unit-gw1", Assert.Single(Joins));
    }

    [Fact]
    public async Task A_bye_that_comes_twice_is_answered_twice_alike()
    {
        var result = await PlayAsync("repeated-bye");
        Assert.True(result.Answers(200, "3 BYE").Count >= 2, result.Log);
        Assert.Single(result.Answers(200, "3 BYE").Distinct());
        await UntilNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_register_that_comes_twice_is_no_replay()
    {
        var result = await PlayAsync("repeated-register");
        Assert.True(result.Answers(200, "2 REGISTER").Count >= 2, result.Log);
        Assert.Single(result.Answers(200, "2 REGISTER").Distinct());
        Assert.Equal(1, _host.Registered["gw1"]);
    }

    [Fact]
    public async Task A_200_comes_again_until_it_is_acknowledged()
    {
        var result = await PlayAsync("lost-ack");
        Assert.True(result.Answers(200, "2 INVITE").Count >= 3, result.Log);
    }

    [Fact]
    public Task A_hold_is_answered_and_taken_back() => PlayAsync("hold");

    [Theory]
    [InlineData("register")]
    [InlineData("options")]
    [InlineData("hold")]
    [InlineData("talk")]
    [InlineData("late-offer")]
    [InlineData("late-cancel")]
    public async Task A_gateway_is_served_alike_over_tcp(string scenario)
    {
        Check(await new SippRunner(_host.Endpoint.TcpAddresses[0]) { OverTcp = true }.RunAsync(Scenario(scenario)));
        await UntilNothingIsLeftAsync();
    }

    [Fact]
    public Task A_session_timer_is_agreed_and_refreshed() => PlayAsync("session-timer");

    [Fact]
    public Task An_invite_without_offer_is_offered_both_codecs() => PlayAsync("late-offer");

    [Fact]
    public Task An_offer_without_a_common_codec_gets_488() => PlayAsync("no-common-codec");

    [Fact]
    public async Task A_call_cancelled_before_the_answer_ends_with_487()
    {
        _host.Directory.HoldsRights = true;
        await PlayAsync("cancel");
        _host.Directory.HoldsRights = false;
        await UntilNothingIsLeftAsync();
        Assert.Empty(Joins);
    }

    [Fact]
    public async Task A_cancel_that_comes_twice_is_answered_twice_and_the_487_comes_until_it_is_acknowledged()
    {
        _host.Directory.HoldsRights = true;
        var result = await PlayAsync("repeated-cancel");
        _host.Directory.HoldsRights = false;
        Assert.True(result.Answers(200, "2 CANCEL").Count >= 2, result.Log);
        Assert.True(result.Answers(487, "2 INVITE").Count >= 2, result.Log);
        Assert.Single(result.Answers(487, "2 INVITE").Distinct());
        await UntilNothingIsLeftAsync();
    }

    [Fact]
    public async Task A_cancel_after_the_answer_changes_nothing()
    {
        await PlayAsync("late-cancel");
        Assert.Single(Joins);
        await UntilNothingIsLeftAsync();
    }

    [Fact]
    public async Task The_server_hangs_up_when_it_stops()
    {
        var run = new SippRunner(_host.Address).RunAsync(Scenario("server-bye"));
        await Eventually.TrueAsync(() => _host.Joined == 1, "the call is in the channel");
        await _host.Endpoint.StopAsync();
        Check(await run);
    }

    [Fact]
    public async Task A_hundred_calls_leave_nothing_behind()
    {
        Check(await new SippRunner(_host.Address) { Calls = 100, Concurrent = 20 }.RunAsync(Scenario("hold")));
        await UntilNothingIsLeftAsync();
        Assert.Equal(0, _host.Endpoint.Counters.Dropped(SipDropReason.Malformed));
        Assert.Equal(0, _host.Endpoint.Counters.Dropped(SipDropReason.RateLimited));
    }

    private IEnumerable<string> Joins => _host.Floor.Asked.Where(asked => asked.StartsWith("join", StringComparison.Ordinal));

    private async Task<SippResult> PlayAsync(string scenario, string user = "gw1", string password = "secret", string number = "7000") =>
        Check(await new SippRunner(_host.Address) { User = user, Password = password, Number = number }.RunAsync(Scenario(scenario)));

    private static SippResult Check(SippResult result)
    {
        Assert.True(result.IsOk, $"SIPp exited with {result.ExitCode}\n{result.Log}");
        return result;
    }

    private static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Sip", "scenarios", name + ".xml");

    private Task UntilNothingIsLeftAsync() => Eventually.TrueAsync(
        () => _host.Joined == 0 && _host.Endpoint.Calls == 0 && _host.Media.Legs.IsEmpty, "no call and no leg is left");
}
