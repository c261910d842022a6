using System.Net;
using System.Text.Json;
using Xunit;

namespace Comms.Signaling.Tests.Api;

/// <summary>Who may call what. The table is compared with the server's own list of endpoints, so a new one must be added here.</summary>
[Collection(ServerFixture.Collection)]
public sealed class EndpointAccessTests(ServerFixture fixture)
{
    private const string Nobody = "nobody";
    private const string Responder = "responder";
    private const string Dispatcher = "dispatcher";
    private const string Administrator = "administrator";

    /// <summary>Method, route, least role.</summary>
    public static readonly TheoryData<string, string, string> Endpoints = new()
    {
        { "POST", "/api/v1/sessions", Nobody },
        { "POST", "/api/v1/sessions/refresh", Nobody },
        { "DELETE", "/api/v1/sessions", Responder },
        { "GET", "/api/v1/me", Responder },
        { "PUT", "/api/v1/me/password", Responder },
        { "GET", "/api/v1/towns", Responder },
        { "PUT", "/api/v1/towns/{id}", Administrator },
        { "DELETE", "/api/v1/towns/{id}", Administrator },
        { "GET", "/api/v1/units", Responder },
        { "GET", "/api/v1/units/{id}", Responder },
        { "PUT", "/api/v1/units/{id}", Administrator },
        { "DELETE", "/api/v1/units/{id}", Administrator },
        { "GET", "/api/v1/channels", Responder },
        { "GET", "/api/v1/channels/{id}", Responder },
        { "PUT", "/api/v1/channels/{id}", Administrator },
        { "DELETE", "/api/v1/channels/{id}", Administrator },
        { "GET", "/api/v1/channels/{id}/rules", Administrator },
        { "PUT", "/api/v1/channels/{id}/rules/{kind}/{subject}", Administrator },
        { "DELETE", "/api/v1/channels/{id}/rules/{kind}/{subject}", Administrator },
        { "GET", "/api/v1/cameras", Dispatcher },
        { "GET", "/api/v1/cameras/{id}", Dispatcher },
        { "GET", "/api/v1/cameras/counts", Dispatcher },
        { "GET", "/api/v1/cameras/{id}/viewers", Dispatcher },
        { "GET", "/api/v1/cameras/export", Administrator },
        { "POST", "/api/v1/cameras/import", Administrator },
        { "PUT", "/api/v1/cameras/{id}", Administrator },
        { "DELETE", "/api/v1/cameras/{id}", Administrator },
        { "GET", "/api/v1/cameras/{id}/snapshot", Dispatcher },
        { "POST", "/api/v1/cameras/{id}/stream-tokens", Dispatcher },
        { "GET", "/api/v1/accounts", Administrator },
        { "GET", "/api/v1/accounts/{id}", Administrator },
        { "PUT", "/api/v1/accounts/{id}", Administrator },
        { "DELETE", "/api/v1/accounts/{id}", Administrator },
        { "GET", "/api/v1/calls", Dispatcher },
        { "POST", "/api/v1/calls", Dispatcher },
        { "GET", "/api/v1/calls/{id}", Dispatcher },
        { "DELETE", "/api/v1/calls/{id}", Dispatcher },
        { "GET", "/api/v1/dial-plan", Dispatcher },
        { "PUT", "/api/v1/dial-plan/numbers/{id}", Administrator },
        { "DELETE", "/api/v1/dial-plan/numbers/{id}", Administrator },
        { "PUT", "/api/v1/dial-plan/trunks/{id}", Administrator },
        { "DELETE", "/api/v1/dial-plan/trunks/{id}", Administrator },
        { "GET", "/api/v1/events", Administrator },
        { "GET", "/api/v1/rehearsals", Administrator },
        { "POST", "/api/v1/rehearsals", Administrator },
        { "DELETE", "/api/v1/rehearsals/{id}", Administrator },
    };

    [Theory]
    [MemberData(nameof(Endpoints))]
    public async Task An_endpoint_is_open_to_its_least_role_and_above_only(string method, string route, string least)
    {
        string path = route.Replace("{id}", "no-such-id").Replace("{kind}", "unit").Replace("{subject}", "no-such-id")[1..];
        int leastRank = Rank(least);
        // Signing out would end the tokens of the other rows, and a wrong old password slows the account's next try.
        string[] callers = route == "/api/v1/sessions" && method == "DELETE" ? [Nobody] : [Nobody, Responder, Dispatcher, Administrator];
        foreach (string caller in callers)
        {
            using HttpResponseMessage answer = await fixture.SendAsync(AccountOf(caller), new HttpMethod(method), path, method == "PUT" ? new { } : null);
            bool isRefused = answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized;
            Assert.True(Rank(caller) < leastRank == isRefused, $"{caller} {method} {route}: {answer.StatusCode}");
            if (!isRefused) continue;
            Assert.Equal(caller == Nobody ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        }
    }

    [Fact]
    public async Task The_table_names_every_endpoint_of_the_OpenAPI_document()
    {
        JsonElement document = JsonSerializer.Deserialize<JsonElement>(await fixture.Http.GetStringAsync("openapi/v1.json"));
        var served = from path in document.GetProperty("paths").EnumerateObject()
                     where path.Name.StartsWith("/api/", StringComparison.Ordinal)
                     from method in path.Value.EnumerateObject()
                     select $"{method.Name.ToUpperInvariant()} {path.Name}";

        Assert.Equal(Endpoints.Select(row => $"{row[0]} {row[1]}").Order(), served.Order());
    }

    private static int Rank(string role) => role switch { Nobody => 0, Responder => 1, Dispatcher => 2, _ => 3 };

    private static string? AccountOf(string role) => role switch { Nobody => null, Responder => "police1", Dispatcher => "dispatch1", _ => "admin" };
}
