using System.Net.Http.Json;
using System.Text.Json;
using Comms.Signaling.Realtime;
using Xunit;

namespace Comms.Signaling.Tests.Realtime;

/// <summary>A floor whose holder is gone or talks too long becomes free, and everyone concerned hears why; many presses at once give one grant.</summary>
[Collection(ServerFixture.Collection)]
public sealed class StuckFloorTests(ServerFixture fixture)
{
    [Fact]
    public async Task Talking_past_the_limit_ends_the_burst_and_says_so_to_the_talker_and_to_the_channel()
    {
        var channel = new { nameZh = "短", nameEn = "Short", number = "777001", kind = "incident", townId = "linhai", talkLimitSeconds = 1 };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/channels/short-limit", channel)).EnsureSuccessStatusCode();
        foreach (string unit in (string[])["u-fire1", "u-fire2"])
            (await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/channels/short-limit/rules/unit/{unit}", new { right = "talk" })).EnsureSuccessStatusCode();
        await using HubClient talker = await OpenAsync("fire1");
        await using HubClient listener = await OpenAsync("fire2");
        await talker.StandInAsync("short-limit");

        HubFloorReply reply = await talker.AskAsync<HubFloorReply>("RequestFloor", "short-limit");
        HubFloorRevoked revoked = await talker.Revoked;
        HubFloor idle = await listener.FloorAsync("short-limit", floor => floor.Talker is null && floor.EndedBecause.Length > 0);

        Assert.Equal(("granted", 1000), (reply.Decision, reply.TalkLimitMs));
        Assert.Equal((reply.BurstId, "burstTooLong"), (revoked.BurstId, revoked.Cause));
        Assert.Equal("burstTooLong", idle.EndedBecause);
        (await fixture.SendAsync("admin", HttpMethod.Delete, "api/v1/channels/short-limit")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task The_channel_hears_that_the_talker_s_link_was_lost()
    {
        await using HubClient listener = await OpenAsync("ambulance1");
        HubClient talker = await OpenAsync("ambulance2");
        await talker.StandInAsync("ambulance");
        HubFloorReply reply = await talker.AskAsync<HubFloorReply>("RequestFloor", "ambulance");
        await listener.FloorAsync("ambulance", floor => floor.BurstId == reply.BurstId);

        await talker.DisposeAsync();

        HubFloor idle = await listener.FloorAsync("ambulance", floor => floor.Talker is null && floor.Epoch > reply.BurstId);
        Assert.Equal("linkLost", idle.EndedBecause);
    }

    [Fact]
    public async Task Five_hundred_phones_that_press_at_once_get_one_grant_and_the_others_the_talker_s_name()
    {
        using HttpResponseMessage started = await fixture.SendAsync("admin", HttpMethod.Post, "api/v1/rehearsals", new { name = "Rush", phones = 500, channels = 1, minutes = 5 });
        started.EnsureSuccessStatusCode();
        JsonElement rehearsal = await started.Content.ReadFromJsonAsync<JsonElement>();
        string channelId = rehearsal.GetProperty("channels")[0].GetProperty("id").GetString()!;
        var phones = new List<HubClient>();
        foreach (JsonElement phone in rehearsal.GetProperty("phones").EnumerateArray())
        {
            HubClient client = await HubClient.OpenAsync(fixture.Server.HttpUrl, phone.GetProperty("accessToken").GetString()!);
            phones.Add(client);
            Assert.Equal("talk", (await client.StandInAsync(channelId)).Right);
        }

        HubFloorReply[] replies = await Task.WhenAll(phones.Select(phone => phone.AskAsync<HubFloorReply>("RequestFloor", channelId)));
        HubFloorReply granted = Assert.Single(replies, reply => reply.Decision == "granted");
        HubFloor[] taken = await Task.WhenAll(phones.Select(phone => phone.FloorAsync(channelId, floor => floor.BurstId == granted.BurstId)));

        Assert.All(replies.Where(reply => reply != granted), reply => Assert.Equal(("anotherHasPermission", taken[0].Talker!.Id), (reply.Cause, reply.Holder!.Id)));
        Assert.Single(taken.Select(floor => floor.Talker!.Id).Distinct());
        (await fixture.SendAsync("admin", HttpMethod.Delete, $"api/v1/rehearsals/{rehearsal.GetProperty("id")}")).EnsureSuccessStatusCode();
        foreach (HubClient phone in phones) await phone.DisposeAsync();
    }

    private async Task<HubClient> OpenAsync(string account) => await HubClient.OpenAsync(fixture.Server.HttpUrl, await fixture.TokenAsync(account));
}
