using System.Net;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Api;

/// <summary>Who sees which part of the town tree, and that nobody grants more than he has.</summary>
[Collection(ServerFixture.Collection)]
public sealed class ScopeTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_town_s_dispatcher_sees_only_that_town_s_cameras_units_and_places()
    {
        Assert.Equal(["cam2", "cam3", "cam4", "cam5"], await IdsAsync("dispatch2", "api/v1/cameras"));
        Assert.Equal(8, (await IdsAsync("dispatch1", "api/v1/cameras")).Length);
        Assert.Equal(["u-ambulance1", "u-dispatch2", "u-fire1", "u-fire2", "u-grid1", "u-police1", "u-police2"], await IdsAsync("dispatch2", "api/v1/units"));
        using HttpResponseMessage foreign = await fixture.SendAsync("dispatch2", HttpMethod.Get, "api/v1/cameras/cam6");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        JsonElement towns = await fixture.GetAsync("dispatch2", "api/v1/towns");
        Assert.Equal(["dongjiang", "lianhua", "shuikou"], towns.EnumerateArray().Select(Id).Order());
    }

    [Fact]
    public async Task A_responder_sees_the_channels_of_his_service_and_of_incidents()
    {
        Assert.Equal(["incident1", "police"], await IdsAsync("police1", "api/v1/channels"));
        Assert.Equal(["ambulance", "fire", "grid", "incident1", "police"], await IdsAsync("dispatch1", "api/v1/channels"));
        using HttpResponseMessage foreign = await fixture.SendAsync("police1", HttpMethod.Get, "api/v1/channels/fire");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    [Fact]
    public async Task A_list_comes_in_pages_until_there_is_no_next()
    {
        var ids = new List<string>();
        string after = "";
        for (int page = 0; page < 10; page++)
        {
            JsonElement answer = await fixture.GetAsync("dispatch1", $"api/v1/cameras?limit=3&after={after}");
            ids.AddRange(answer.GetProperty("items").EnumerateArray().Select(Id));
            Assert.Equal(8, answer.GetProperty("total").GetInt32());
            if (answer.GetProperty("next").GetString() is not { } next) break;
            after = next;
        }

        Assert.Equal(["cam1", "cam2", "cam3", "cam4", "cam5", "cam6", "cam7", "cam8"], ids);
    }

    [Fact]
    public async Task A_camera_s_source_goes_in_and_never_out()
    {
        var camera = new
        {
            nameZh = "暗",
            nameEn = "Dark",
            townId = "xihu",
            department = "police",
            source = new { url = "rtsp://192.0.2.44/secret-path", userName = "viewer", password = "geheim" },
        };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/cameras/dark", camera)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => (await fixture.SendAsync("dispatch1", HttpMethod.Get, "api/v1/cameras/dark")).IsSuccessStatusCode, "the camera is listed");

        string text = await (await fixture.SendAsync("admin", HttpMethod.Get, "api/v1/cameras/dark")).Content.ReadAsStringAsync();
        string events = await (await fixture.SendAsync("admin", HttpMethod.Get, "api/v1/events")).Content.ReadAsStringAsync();

        Assert.Contains("\"state\":\"idle\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", text + events, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-path", text + events, StringComparison.Ordinal);
        (await fixture.SendAsync("admin", HttpMethod.Delete, "api/v1/cameras/dark")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task An_administrator_of_a_town_cannot_grant_more_than_he_has()
    {
        var local = new { displayName = "Local", role = "administrator", unitId = "", townPath = "linhai/xihu", password = "long enough" };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/accounts/local-admin", local)).EnsureSuccessStatusCode();
        using var http = new HttpClient { BaseAddress = fixture.Server.HttpUrl };
        string token = "";
        await Eventually.TrueAsync(async () =>
        {
            try
            {
                token = (await fixture.SignInAsync("local-admin", "long enough")).GetProperty("accessToken").GetString()!;
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, "the new administrator signs in");
        http.DefaultRequestHeaders.Authorization = new("Bearer", token);

        Task<HttpResponseMessage> Put(string path, object body) => http.PutAsync(path, System.Net.Http.Json.JsonContent.Create(body));
        var wider = new { displayName = "Wider", role = "administrator", townPath = "", password = "long enough" };
        var escaped = new { displayName = "Local", role = "administrator", townPath = "" };
        var camera = new { nameZh = "a", nameEn = "a", townId = "dongjiang", department = "" };

        Assert.Equal(HttpStatusCode.Forbidden, (await Put("api/v1/accounts/wider", wider)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Put("api/v1/accounts/local-admin", escaped)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Put("api/v1/accounts/admin", wider)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await Put("api/v1/cameras/cam2", camera)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("api/v1/events")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.DeleteAsync("api/v1/accounts/admin")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await http.DeleteAsync("api/v1/accounts/local-admin")).StatusCode);
    }

    [Fact]
    public async Task A_number_belongs_to_one_channel()
    {
        var channel = new { nameZh = "二", nameEn = "Two", number = "7001", kind = "incident", townId = "linhai" };

        using HttpResponseMessage answer = await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/channels/second", channel);

        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
    }

    private async Task<string[]> IdsAsync(string account, string path) =>
        [.. (await fixture.GetAsync(account, path)).GetProperty("items").EnumerateArray().Select(Id)];

    private static string Id(JsonElement item) => item.GetProperty("id").GetString()!;
}
