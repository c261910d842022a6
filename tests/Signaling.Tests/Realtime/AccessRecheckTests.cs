using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Realtime;

/// <summary>What an account may no longer do ends while it is being done.</summary>
[Collection(ServerFixture.Collection)]
public sealed class AccessRecheckTests(ServerFixture fixture)
{
    [Theory]
    [InlineData("responder", "", false)]
    [InlineData("dispatcher", "linhai/xihu", false)]
    [InlineData("dispatcher", "", true)]
    public async Task A_viewing_session_ends_with_the_right_to_it(string role, string townPath, bool disabled)
    {
        string account = $"viewer-{role[..1]}{townPath.Length}{(disabled ? "d" : "e")}";
        var before = new { displayName = account, role = "dispatcher", password = "long enough" };
        (await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/accounts/{account}", before)).EnsureSuccessStatusCode();
        using var http = new HttpClient { BaseAddress = fixture.Server.HttpUrl };
        await Eventually.TrueAsync(() => SignInAsync(http, account), $"{account} signs in");
        using var offer = new StringContent(SdpSamples.ChromiumWhep, Encoding.UTF8);
        offer.Headers.ContentType = new MediaTypeHeaderValue("application/sdp");
        using HttpResponseMessage view = await http.PostAsync("whep/cam2", offer);
        Assert.Equal(HttpStatusCode.Created, view.StatusCode);
        Assert.True(await HasSessionAsync(account));

        var after = new { displayName = account, role, townPath, disabled };
        (await fixture.SendAsync("admin", HttpMethod.Put, $"api/v1/accounts/{account}", after)).EnsureSuccessStatusCode();

        await Eventually.TrueAsync(async () => !await HasSessionAsync(account), "the viewing session is gone");
    }

    private static async Task<bool> SignInAsync(HttpClient http, string account)
    {
        using var answer = await http.PostAsJsonAsync("api/v1/sessions", new { userName = account, password = "long enough" });
        if (!answer.IsSuccessStatusCode) return false;
        string? token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString();
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return true;
    }

    private async Task<bool> HasSessionAsync(string account)
    {
        JsonElement snapshot = await fixture.Http.GetFromJsonAsync<JsonElement>("debug/sessions.json");
        return snapshot.GetProperty("sessions").EnumerateArray().Any(session => session.GetProperty("owner").GetString() == account);
    }
}
