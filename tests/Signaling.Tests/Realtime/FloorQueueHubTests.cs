using System.Net.Http.Json;
using System.Text.Json;
using Comms.Signaling.Realtime;
using Xunit;

namespace Comms.Signaling.Tests.Realtime;

/// <summary>Queues, orders and emergencies as pages see them, on a real server.</summary>
[Collection(ServerFixture.Collection)]
public sealed class FloorQueueHubTests(ServerFixture fixture)
{
    [Fact]
    public async Task Waiting_phones_hear_their_place_the_dispatcher_orders_the_queue_and_each_grant_is_told()
    {
        await using Channel channel = await Channel.AddAsync(fixture, "queue-hub", "777101", ["u-fire1", "u-fire2", "u-police2"]);
        await using HubClient talker = await StandInAsync("fire1", channel.Id);
        await using HubClient second = await StandInAsync("fire2", channel.Id);
        await using HubClient third = await StandInAsync("police2", channel.Id);
        await using HubClient console = await HubClient.OpenAsync(fixture.Server.HttpUrl, await fixture.TokenAsync("dispatch1"));
        await console.AskAsync<HubFloorQueue[]>("WatchQueues", true);

        Assert.Equal("granted", (await talker.AskAsync<HubFloorReply>("RequestFloor", channel.Id)).Decision);
        HubFloorReply queued = await second.AskAsync<HubFloorReply>("RequestFloor", channel.Id);
        Assert.Equal(("queued", 1, "u-fire1"), (queued.Decision, queued.Position, queued.Holder!.Id));
        Assert.Equal(2, (await third.AskAsync<HubFloorReply>("RequestFloor", channel.Id)).Position);
        HubFloorQueue queue = await console.QueueAsync(queue => queue.ChannelId == channel.Id && queue.Waiting.Count == 2);
        Assert.Equal(["u-fire2", "u-police2"], queue.Waiting.Select(waiter => waiter.Unit.Id));

        Assert.Equal("forbidden", await third.AskAsync<string>("MoveQueued", channel.Id, queue.Waiting[1].RequestId, 1));
        Assert.Equal("", await console.AskAsync<string>("MoveQueued", channel.Id, queue.Waiting[1].RequestId, 1));
        Assert.Equal(2, (await second.PlaceAsync()).Position);
        Assert.Equal(1, (await third.PlaceAsync()).Position);

        Assert.Equal("", await console.AskAsync<string>("PreemptFloor", channel.Id, 0L));
        HubFloorRevoked revoked = await talker.Revoked;
        Assert.Equal("preempted", revoked.Cause);
        await talker.TellAsync("ReleaseFloor", channel.Id);
        HubFloorGranted granted = await third.GrantedAsync();
        Assert.Equal((channel.Id, 60_000), (granted.ChannelId, granted.TalkLimitMs));
        Assert.Equal("u-police2", (await second.FloorAsync(channel.Id, floor => floor.BurstId == granted.BurstId)).Talker!.Id);
        Assert.Equal(1, (await second.PlaceAsync()).Position);

        Assert.Equal("", await console.AskAsync<string>("RemoveQueued", channel.Id, queue.Waiting[0].RequestId));
        Assert.Equal(0, (await second.PlaceAsync()).Position);
        Assert.Empty((await console.QueueAsync(news => news.Waiting.Count == 0)).Waiting);
        Assert.Equal("notFound", await console.AskAsync<string>("RemoveQueued", channel.Id, queue.Waiting[0].RequestId));
    }

    [Fact]
    public async Task Emergency_alert_reaches_everyone_and_is_cancelled_by_a_dispatcher_or_its_originator_only()
    {
        await using Channel channel = await Channel.AddAsync(fixture, "alert-hub", "777102", ["u-grid1", "u-grid2"]);
        await using HubClient caller = await StandInAsync("grid1", channel.Id);
        await using HubClient other = await StandInAsync("grid2", channel.Id);
        await using HubClient console = await HubClient.OpenAsync(fixture.Server.HttpUrl, await fixture.TokenAsync("dispatch1"));

        Assert.Equal("", await caller.AskAsync<string>("RaiseEmergency", channel.Id));
        foreach (HubClient hearer in (HubClient[])[other, console])
            Assert.Equal("u-grid1", (await hearer.FloorAsync(channel.Id, floor => floor.Alerts.Count == 1)).Alerts[0].Unit.Id);
        HubFloorReply reply = await caller.AskAsync<HubFloorReply>("RequestFloor", channel.Id);
        Assert.True((await other.FloorAsync(channel.Id, floor => floor.BurstId == reply.BurstId)).Emergency);
        await caller.TellAsync("ReleaseFloor", channel.Id);

        Assert.Equal("forbidden", await other.AskAsync<string>("CancelEmergency", channel.Id, "u-grid1"));
        Assert.Equal("", await console.AskAsync<string>("CancelEmergency", channel.Id, "u-grid1"));
        Assert.Empty((await other.FloorAsync(channel.Id, floor => floor.Alerts.Count == 0)).Alerts);
        Assert.Equal("notFound", await caller.AskAsync<string>("CancelEmergency", channel.Id, "u-grid1"));
        Assert.Equal("notFound", await caller.AskAsync<string>("RaiseEmergency", "no-such-channel"));

        JsonElement journal = await fixture.GetAsync("admin", "api/v1/events?limit=200");
        string[] kinds = [.. journal.GetProperty("items").EnumerateArray().Where(entry => entry.GetProperty("subject").GetString() == channel.Id).Select(entry => entry.GetProperty("kind").GetString()!)];
        Assert.Contains("emergency.raised", kinds);
        Assert.Contains("emergency.cancelled", kinds);
    }

    [Fact]
    public async Task Floor_policy_is_set_by_the_api_and_its_bounds_are_checked()
    {
        await using Channel channel = await Channel.AddAsync(fixture, "policy-hub", "777103", []);
        JsonElement floor = (await fixture.GetAsync("admin", $"api/v1/channels/{channel.Id}")).GetProperty("floor");
        Assert.Equal((50, "emergency", 1000), (floor.GetProperty("queueLimit").GetInt32(), floor.GetProperty("preemption").GetString(), floor.GetProperty("revokeGraceMs").GetInt32()));
        using HttpResponseMessage refused = await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/channels/{channel.Id}", Channel.Body("777103", new { queueLimit = 51 }));
        Assert.Equal(400, (int)refused.StatusCode);
        using HttpResponseMessage plain = await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/channels/{channel.Id}", Channel.Body("777103", null));
        plain.EnsureSuccessStatusCode();
    }

    private async Task<HubClient> StandInAsync(string account, string channelId)
    {
        HubClient client = await HubClient.OpenAsync(fixture.Server.HttpUrl, await fixture.TokenAsync(account));
        Assert.Equal("talk", (await client.StandInAsync(channelId)).Right);
        return client;
    }

    /// <summary>A channel with a queue for one test; the dispatcher listens there.</summary>
    private sealed class Channel(ServerFixture fixture, string id) : IAsyncDisposable
    {
        public string Id => id;

        public static object Body(string number, object? floor) =>
            new { nameZh = "排", nameEn = "Queue", number, kind = "incident", townId = "linhai", talkLimitSeconds = 60, floor };

        public static async Task<Channel> AddAsync(ServerFixture fixture, string id, string number, string[] talkers)
        {
            (await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/channels/{id}", Body(number, new { queueLimit = 50 }))).EnsureSuccessStatusCode();
            foreach (string unit in talkers)
                (await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/channels/{id}/rules/unit/{unit}", new { right = "talk" })).EnsureSuccessStatusCode();
            (await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/channels/{id}/rules/service/command", new { right = "listen" })).EnsureSuccessStatusCode();
            return new Channel(fixture, id);
        }

        public async ValueTask DisposeAsync() =>
            (await fixture.SendAsync("admin", HttpMethod.Delete, $"api/v1/channels/{id}")).EnsureSuccessStatusCode();
    }
}
