using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Comms.Signaling.Tests.Realtime;
using Xunit;

namespace Comms.Signaling.Tests.Api;

/// <summary>A rehearsal through the API and the hub: its phones are real ones, and nobody else notices them.</summary>
[Collection(ServerFixture.Collection)]
public sealed class RehearsalTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_rehearsal_s_phone_signs_in_by_token_talks_in_its_channel_and_is_put_out_at_the_end()
    {
        JsonElement rehearsal = await StartAsync(new { name = "Load", phones = 20_000, channels = 1, minutes = 5 });
        string id = rehearsal.GetProperty("id").GetString()!;
        JsonElement[] phones = [.. rehearsal.GetProperty("phones").EnumerateArray()];
        string channelId = rehearsal.GetProperty("channels")[0].GetProperty("id").GetString()!;
        Assert.Equal(20_000, phones.Select(phone => phone.GetProperty("accountId").GetString()).Distinct().Count());
        Assert.All(phones, phone => Assert.Equal(channelId, phone.GetProperty("channelId").GetString()));

        await using HubClient talker = await HubClient.OpenAsync(fixture.Server.HttpUrl, Token(phones[0]));
        await using HubClient last = await HubClient.OpenAsync(fixture.Server.HttpUrl, Token(phones[^1]));
        Assert.Equal([channelId], last.Hello.Channels.Select(channel => channel.Id));
        Assert.Equal("talk", (await talker.StandInAsync(channelId)).Right);
        Assert.Equal("none", (await talker.AskAsync<Signaling.Realtime.HubJoinReply>("Join", "incident1", 0)).Right);
        Assert.Equal("granted", (await talker.AskAsync<Signaling.Realtime.HubFloorReply>("RequestFloor", channelId)).Decision);
        await last.FloorAsync(channelId, floor => floor.Talker?.Id == phones[0].GetProperty("unitId").GetString());

        (await fixture.SendAsync("admin", HttpMethod.Delete, $"api/v1/rehearsals/{id}")).EnsureSuccessStatusCode();
        Assert.Equal("signedOut", await last.ClosingReason);
        await talker.Closed;
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(phones[7]));
        Assert.Equal(HttpStatusCode.Unauthorized, (await fixture.Http.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Lists_do_not_name_a_rehearsal_s_phones_and_the_journal_has_one_event_for_its_start()
    {
        int units = await TotalAsync("units");
        int accounts = await TotalAsync("accounts");
        JsonElement rehearsal = await StartAsync(new { name = "Quiet", phones = 500, channels = 3, minutes = 5 });
        string id = rehearsal.GetProperty("id").GetString()!;

        Assert.Equal((units, accounts), (await TotalAsync("units"), await TotalAsync("accounts")));
        JsonElement listed = (await fixture.GetAsync("admin", "api/v1/rehearsals")).EnumerateArray().Single(one => one.GetProperty("id").GetString() == id);
        Assert.Equal(500, listed.GetProperty("phones").GetInt32());
        Assert.Equal([167, 167, 166], listed.GetProperty("channels").EnumerateArray().Select(channel => channel.GetProperty("phones").GetInt32()));
        JsonElement[] events = [];
        await Comms.Support.Eventually.TrueAsync(
            async () =>
            {
                events = [.. (await fixture.GetAsync("admin", "api/v1/events?limit=1000")).GetProperty("items").EnumerateArray()
                    .Where(entry => entry.GetProperty("subject").GetString() == id)];
                return events.Length > 0;
            },
            "the start is in the journal");
        Assert.Equal("rehearsal.started", Assert.Single(events).GetProperty("kind").GetString());
        (await fixture.SendAsync("admin", HttpMethod.Delete, $"api/v1/rehearsals/{id}")).EnsureSuccessStatusCode();
    }

    [Theory]
    [InlineData(0, 1, 60)]
    [InlineData(30_001, 1, 60)]
    [InlineData(5, 6, 60)]
    [InlineData(100, 1, 241)]
    public async Task A_rehearsal_out_of_bounds_is_refused(int phones, int channels, int minutes)
    {
        using HttpResponseMessage answer = await fixture.SendAsync("admin", HttpMethod.Post, "api/v1/rehearsals", new { name = "Big", phones, channels, minutes });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("body.invalid", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_rehearsals_together_have_a_bound()
    {
        JsonElement first = await StartAsync(new { name = "One", phones = 1, channels = 1, minutes = 1 });
        using HttpResponseMessage second = await fixture.SendAsync(
            "admin", HttpMethod.Post, "api/v1/rehearsals", new { name = "Two", phones = 30_000, channels = 1, minutes = 1 });
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Contains("rehearsal.tooMany", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        (await fixture.SendAsync("admin", HttpMethod.Delete, $"api/v1/rehearsals/{first.GetProperty("id")}")).EnsureSuccessStatusCode();
    }

    private static string Token(JsonElement phone) => phone.GetProperty("accessToken").GetString()!;

    private async Task<JsonElement> StartAsync(object body)
    {
        using HttpResponseMessage answer = await fixture.SendAsync("admin", HttpMethod.Post, "api/v1/rehearsals", body);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private async Task<int> TotalAsync(string kind) => (await fixture.GetAsync("admin", $"api/v1/{kind}?limit=1")).GetProperty("total").GetInt32();
}
