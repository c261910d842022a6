using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Comms.Signaling.Tests.Realtime;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Api;

[Collection(ServerFixture.Collection)]
public sealed class SignInTests(ServerFixture fixture)
{
    [Fact]
    public async Task A_sign_in_answers_with_tokens_and_the_account()
    {
        JsonElement session = await fixture.SignInAsync("Police2", fixture.Server.PasswordOf("police2"));

        Assert.Equal("police2", session.GetProperty("account").GetProperty("id").GetString());
        Assert.Equal("responder", session.GetProperty("account").GetProperty("role").GetString());
        Assert.Equal(900, session.GetProperty("expiresInSeconds").GetInt32());
        JsonElement me = await fixture.GetAsync("police2", "api/v1/me");
        Assert.Equal("u-police2", me.GetProperty("unitId").GetString());
    }

    [Theory]
    [InlineData("police3", "wrong")]
    [InlineData("nobody-at-all", "wrong")]
    public async Task A_wrong_password_and_an_unknown_name_are_refused_alike(string userName, string password)
    {
        using HttpResponseMessage answer = await PostAsync("api/v1/sessions", new { userName, password });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("signIn.refused", await CodeAsync(answer));
    }

    [Fact]
    public async Task A_gateway_account_cannot_sign_in_over_HTTP()
    {
        using HttpResponseMessage answer = await PostAsync("api/v1/sessions", new { userName = "radio1", password = fixture.Server.PasswordOf("radio1") });

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Guessing_is_slowed_down_with_a_time_to_wait()
    {
        for (int guess = 0; guess < 6; guess++)
        {
            using HttpResponseMessage refused = await PostAsync("api/v1/sessions", new { userName = "fire1", password = $"guess{guess}" });
            if (refused.StatusCode != HttpStatusCode.TooManyRequests) continue;
            Assert.True(refused.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
            Assert.Equal("signIn.wait", await CodeAsync(refused));
            return;
        }

        using HttpResponseMessage last = await PostAsync("api/v1/sessions", new { userName = "fire1", password = fixture.Server.PasswordOf("fire1") });
        Assert.Equal(HttpStatusCode.TooManyRequests, last.StatusCode);
    }

    [Fact]
    public async Task A_refresh_token_is_spent_once_and_a_thief_ends_the_whole_session()
    {
        await using var server = await ServerProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        string first = Refresh(await ReadAsync(await http.PostAsJsonAsync("api/v1/sessions", new { userName = "grid1", password = server.PasswordOf("grid1") })));

        string second = Refresh(await ReadAsync(await http.PostAsJsonAsync("api/v1/sessions/refresh", new { refreshToken = first })));
        string again = Refresh(await ReadAsync(await http.PostAsJsonAsync("api/v1/sessions/refresh", new { refreshToken = first })));
        Assert.NotEqual(first, second);
        Assert.Equal(second, again);

        // A restart forgets the answers kept for lost ones, and nothing else.
        await server.RestartAsync();
        string third = Refresh(await ReadAsync(await http.PostAsJsonAsync("api/v1/sessions/refresh", new { refreshToken = second })));
        await server.RestartAsync();
        using (HttpResponseMessage stolen = await http.PostAsJsonAsync("api/v1/sessions/refresh", new { refreshToken = second }))
            Assert.Equal(HttpStatusCode.Unauthorized, stolen.StatusCode);
        using (HttpResponseMessage revoked = await http.PostAsJsonAsync("api/v1/sessions/refresh", new { refreshToken = third }))
            Assert.Equal(HttpStatusCode.Unauthorized, revoked.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsImF1ZCI6ImNvbW1zIiwiaXNzIjoiY29tbXMiLCJleHAiOjQxMDI0NDQ4MDB9.")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZG1pbiJ9.AAAA")]
    [InlineData("nonsense")]
    public async Task A_token_that_this_server_did_not_sign_is_refused(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);

        using HttpResponseMessage answer = await fixture.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_disabled_account_is_refused_within_a_second()
    {
        var account = new { displayName = "Short", role = "responder", unitId = "u-grid3", password = "long enough" };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/accounts/short", account)).EnsureSuccessStatusCode();
        JsonElement session = await SignInEventuallyAsync("short", "long enough");
        using var request = new HttpClient { BaseAddress = fixture.Server.HttpUrl };
        request.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("accessToken").GetString());
        Assert.Equal(HttpStatusCode.OK, (await request.GetAsync("api/v1/me")).StatusCode);

        var disabled = new { displayName = "Short", role = "responder", unitId = "u-grid3", disabled = true };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/accounts/short", disabled)).EnsureSuccessStatusCode();

        await Eventually.TrueAsync(async () => (await request.GetAsync("api/v1/me")).StatusCode == HttpStatusCode.Unauthorized, "the token is refused");
        using HttpResponseMessage refresh = await PostAsync("api/v1/sessions/refresh", new { refreshToken = Refresh(session) });
        Assert.Equal(HttpStatusCode.Unauthorized, refresh.StatusCode);
    }

    [Fact]
    public async Task Signing_out_voids_the_tokens_at_once_and_closes_the_hub()
    {
        var account = new { displayName = "Leaver", role = "responder", unitId = "u-grid2", password = "long enough" };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/accounts/leaver", account)).EnsureSuccessStatusCode();
        JsonElement session = await SignInEventuallyAsync("leaver", "long enough");
        string token = session.GetProperty("accessToken").GetString()!;
        await using HubClient page = await HubClient.OpenAsync(fixture.Server.HttpUrl, token);
        using var http = new HttpClient { BaseAddress = fixture.Server.HttpUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);

        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync("api/v1/sessions")).StatusCode);

        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("api/v1/me")).StatusCode);
        Assert.Equal("signedOut", await page.ClosingReason);
        await page.Closed;
        using HttpResponseMessage refresh = await PostAsync("api/v1/sessions/refresh", new { refreshToken = Refresh(session) });
        Assert.Equal(HttpStatusCode.Unauthorized, refresh.StatusCode);
        await using HubClient back = await HubClient.OpenAsync(fixture.Server.HttpUrl, (await fixture.SignInAsync("leaver", "long enough")).GetProperty("accessToken").GetString()!);
        Assert.Equal("leaver", back.Hello.Account.Id);
    }

    [Fact]
    public async Task A_one_time_password_opens_only_its_own_change()
    {
        var account = new { displayName = "New", role = "dispatcher", unitId = "u-grid3", mustChangePassword = true, password = "one-time-word" };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/accounts/newcomer", account)).EnsureSuccessStatusCode();
        JsonElement session = await SignInEventuallyAsync("newcomer", "one-time-word");
        using var http = new HttpClient { BaseAddress = fixture.Server.HttpUrl };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("accessToken").GetString());

        Assert.True(session.GetProperty("account").GetProperty("mustChangePassword").GetBoolean());
        Assert.Equal(HttpStatusCode.Forbidden, (await http.GetAsync("api/v1/towns")).StatusCode);
        Assert.Equal("password.tooShort", await CodeAsync(await http.PutAsJsonAsync("api/v1/me/password", new { oldPassword = "one-time-word", newPassword = "x" })));
        Assert.Equal("password.wrong", await CodeAsync(await http.PutAsJsonAsync("api/v1/me/password", new { oldPassword = "other", newPassword = "my own word" })));
        Assert.Equal(HttpStatusCode.NoContent, (await http.PutAsJsonAsync("api/v1/me/password", new { oldPassword = "one-time-word", newPassword = "my own word" })).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await http.GetAsync("api/v1/me")).StatusCode);
        JsonElement fresh = await fixture.SignInAsync("newcomer", "my own word");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", fresh.GetProperty("accessToken").GetString());
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("api/v1/towns")).StatusCode);
    }

    [Theory]
    [InlineData("{", HttpStatusCode.BadRequest, "body.invalid")]
    [InlineData("{\"userName\":\"a\"}", HttpStatusCode.BadRequest, "body.invalid")]
    [InlineData(null, HttpStatusCode.RequestEntityTooLarge, "body.tooLarge")]
    public async Task A_bad_body_is_a_problem_with_a_code(string? json, HttpStatusCode status, string code)
    {
        using var content = new StringContent(json ?? new string('x', 70_000), Encoding.UTF8, "application/json");

        using HttpResponseMessage answer = await fixture.Http.PostAsync("api/v1/sessions", content);

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(code, await CodeAsync(answer));
    }

    private Task<HttpResponseMessage> PostAsync(string path, object body) => fixture.Http.PostAsJsonAsync(path, body);

    private async Task<JsonElement> SignInEventuallyAsync(string userName, string password)
    {
        await Eventually.TrueAsync(async () => (await PostAsync("api/v1/sessions", new { userName, password })).IsSuccessStatusCode, $"{userName} signs in");
        return await fixture.SignInAsync(userName, password);
    }

    private static string Refresh(JsonElement session) => session.GetProperty("refreshToken").GetString()!;

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer)
    {
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString();
}
