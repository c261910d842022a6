using System.Net.Http.Json;
using System.Text.Json;
using Comms.Signaling.Realtime;
using Comms.Support;
using Microsoft.AspNetCore.SignalR;
using Xunit;

namespace Comms.Signaling.Tests.Realtime;

/// <summary>The hub of a real server, with the clients that pages are.</summary>
[Collection(ServerFixture.Collection)]
public sealed class CommsHubTests(ServerFixture fixture)
{
    [Fact]
    public async Task Hello_says_who_one_is_which_server_it_is_and_where_one_may_listen()
    {
        await using HubClient police = await OpenAsync("police1");

        Assert.Equal(fixture.Server.Ready.Instance, police.Hello.ServerInstance);
        Assert.Equal(("police1", "responder", "P-101", "police"), (police.Hello.Account.Id, police.Hello.Account.Role, police.Hello.Account.Unit!.CallSign, police.Hello.Account.Unit.Service));
        Assert.Equal(["incident1", "police"], police.Hello.Channels.Select(channel => channel.Id));
        Assert.All(police.Hello.Channels, channel => Assert.Equal("talk", channel.Right));
    }

    [Fact]
    public async Task Of_two_who_press_one_is_granted_and_the_other_is_told_who_talks()
    {
        await using HubClient fire = await OpenAsync("fire2");
        await using HubClient other = await OpenAsync("fire3");
        Assert.Equal("talk", (await fire.StandInAsync("fire")).Right);
        await other.StandInAsync("fire");

        HubFloorReply granted = await fire.AskAsync<HubFloorReply>("RequestFloor", "fire");
        HubFloorReply denied = await other.AskAsync<HubFloorReply>("RequestFloor", "fire");
        HubFloor taken = await other.FloorAsync("fire", floor => floor.Talker is not null);
        await fire.TellAsync("ReleaseFloor", "fire");
        HubFloor idle = await other.FloorAsync("fire", floor => floor.Talker is null && floor.Epoch > taken.Epoch);
        HubFloorReply next = await other.AskAsync<HubFloorReply>("RequestFloor", "fire");

        Assert.Equal("granted", granted.Decision);
        Assert.Equal(60_000, granted.TalkLimitMs);
        Assert.Equal(("denied", "anotherHasPermission", "F-12"), (denied.Decision, denied.Cause, denied.Holder!.CallSign));
        Assert.Equal(("F-12", granted.BurstId), (taken.Talker!.CallSign, taken.BurstId));
        Assert.Equal(0, idle.BurstId);
        Assert.Equal("granted", next.Decision);
    }

    [Fact]
    public async Task A_lost_connection_releases_the_floor_and_leaves()
    {
        await using HubClient listener = await OpenAsync("ambulance1");
        HubClient talker = await OpenAsync("ambulance2");
        await talker.StandInAsync("ambulance");
        await talker.AskAsync<HubFloorReply>("RequestFloor", "ambulance");
        HubFloor taken = await listener.FloorAsync("ambulance", floor => floor.Talker is not null);

        await talker.DisposeAsync();

        await listener.FloorAsync("ambulance", floor => floor.Talker is null && floor.Epoch > taken.Epoch && floor.Listeners == 0);
    }

    [Fact]
    public async Task Nobody_hears_or_talks_where_he_is_no_member()
    {
        await using HubClient police = await OpenAsync("police1");

        Assert.Equal("noVoiceSession", (await police.AskAsync<HubFloorReply>("RequestFloor", "police")).Cause);
        Assert.Equal("none", (await police.StandInAsync("fire")).Right);
        Assert.Equal("notMember", (await police.AskAsync<HubFloorReply>("RequestFloor", "fire")).Cause);
        Assert.Equal("none", (await police.AskAsync<HubJoinReply>("Join", "no-such-channel", 0)).Right);
        Assert.Equal("none", (await police.AskAsync<HubJoinReply>("Join", "police", 99)).Right);
        Assert.Equal("none", (await police.AskAsync<HubJoinReply>("Join", "police", -1)).Right);
        Assert.Empty(await police.AskAsync<IReadOnlyList<HubCamera>>("WatchCameras", true));
    }

    [Fact]
    public async Task A_bad_offer_is_refused_with_a_word()
    {
        await using HubClient police = await OpenAsync("police1");

        VoiceAnswer answer = await police.AskAsync<VoiceAnswer>("OpenVoice", new VoiceOffer("v=0\r\nnonsense"));

        Assert.Equal(("badOffer", "", ""), (answer.Refusal, answer.Sdp, answer.Session));
    }

    [Fact]
    public async Task Nothing_is_answered_before_hello_or_to_another_protocol_version()
    {
        await using HubClient silent = await HubClient.ConnectAsync(fixture.Server.HttpUrl, await fixture.TokenAsync("police1"));
        await Assert.ThrowsAsync<HubException>(() => silent.AskAsync<HubFloorReply>("RequestFloor", "police"));
        await using HubClient old = await HubClient.ConnectAsync(fixture.Server.HttpUrl, await fixture.TokenAsync("police1"));

        await Assert.ThrowsAnyAsync<Exception>(() => old.AskAsync<ServerHello>("Hello", new ClientHello(99, "test")));

        Assert.Equal("protocolVersion", await old.ClosingReason);
        await old.Closed;
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    public async Task A_connection_without_a_valid_token_is_refused(string token) =>
        await Assert.ThrowsAnyAsync<Exception>(() => HubClient.ConnectAsync(fixture.Server.HttpUrl, token));

    [Fact]
    public async Task A_disabled_account_loses_its_connection()
    {
        await PutAccountAsync("leaver", disabled: false);
        await using HubClient leaver = await HubClient.OpenAsync(fixture.Server.HttpUrl, await NewTokenAsync("leaver"));

        await PutAccountAsync("leaver", disabled: true);

        Assert.Equal("signedOut", await leaver.ClosingReason);
        await leaver.Closed;
    }

    [Fact]
    public async Task A_changed_rule_brings_a_new_channel_list()
    {
        await PutAccountAsync("guest", disabled: false);
        await using HubClient guest = await HubClient.OpenAsync(fixture.Server.HttpUrl, await NewTokenAsync("guest"));
        Assert.DoesNotContain(guest.Hello.Channels, channel => channel.Id == "police");

        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/channels/police/rules/unit/u-grid2", new { right = "listen" })).EnsureSuccessStatusCode();

        IReadOnlyList<HubChannel> channels = await guest.NewChannels;
        Assert.Equal("listen", channels.Single(channel => channel.Id == "police").Right);
        (await fixture.SendAsync("admin", HttpMethod.Delete, "api/v1/channels/police/rules/unit/u-grid2")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task An_expired_token_closes_the_connection_unless_it_was_renewed()
    {
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string> { ["Security:AccessTokenSeconds"] = "5" });
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        async Task<string> TokenAsync()
        {
            using var answer = await http.PostAsJsonAsync("api/v1/sessions", new { userName = "grid1", password = server.PasswordOf("grid1") });
            return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
        }

        await using HubClient lazy = await HubClient.OpenAsync(server.HttpUrl, await TokenAsync());
        await using HubClient diligent = await HubClient.OpenAsync(server.HttpUrl, await TokenAsync());
        Assert.False(await diligent.AskAsync<bool>("Renew", "nonsense"));
        Task renewing = RenewUntilAsync(diligent, TokenAsync, lazy.Closed);

        Assert.Equal("expired", await lazy.ClosingReason);
        await lazy.Closed;
        await renewing;
        Assert.True(await diligent.AskAsync<bool>("Renew", await TokenAsync()));
    }

    [Fact]
    public async Task A_stopping_server_says_so_and_ends_within_seconds()
    {
        await using var server = await ServerProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        using var answer = await http.PostAsJsonAsync("api/v1/sessions", new { userName = "grid1", password = server.PasswordOf("grid1") });
        string token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
        await using HubClient client = await HubClient.OpenAsync(server.HttpUrl, token);

        Task<int> stopping = server.StopAsync();

        Assert.Equal("stopping", await client.ClosingReason);
        Assert.Equal(0, await stopping);
        Assert.False(File.Exists(Path.Combine(server.DataFolder, "run", "ready.json")));
    }

    private static async Task RenewUntilAsync(HubClient client, Func<Task<string>> token, Task end)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!end.IsCompleted && await timer.WaitForNextTickAsync()) Assert.True(await client.AskAsync<bool>("Renew", await token()));
    }

    private async Task<HubClient> OpenAsync(string account) => await HubClient.OpenAsync(fixture.Server.HttpUrl, await fixture.TokenAsync(account));

    private async Task PutAccountAsync(string id, bool disabled)
    {
        var account = new { displayName = id, role = "responder", unitId = "u-grid2", password = "long enough", disabled };
        (await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/accounts/{id}", account)).EnsureSuccessStatusCode();
    }

    private async Task<string> NewTokenAsync(string account)
    {
        string? token = null;
        await Eventually.TrueAsync(
            async () =>
            {
                using var answer = await fixture.Http.PostAsJsonAsync("api/v1/sessions", new { userName = account, password = "long enough" });
                if (answer.IsSuccessStatusCode) token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
                return token is not null;
            },
            $"{account} signs in");
        return token!;
    }
}
