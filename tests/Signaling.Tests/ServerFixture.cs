using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests;

/// <summary>One real server with the demo town for all tests of a collection that only read or use ids of their own.</summary>
public sealed class ServerFixture : IAsyncLifetime
{
    public const string Collection = "server";

    private readonly Dictionary<string, string> _tokens = [];
    private ServerProcess? _server;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("The server is not started.");

    public HttpClient Http { get; } = new();

    public async Task InitializeAsync()
    {
        _server = await ServerProcess.StartAsync();
        Http.BaseAddress = Server.HttpUrl;
    }

    public async Task DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }

    /// <summary>An access token of a demo account; signed in once.</summary>
    public async Task<string> TokenAsync(string account)
    {
        if (_tokens.TryGetValue(account, out string? token)) return token;
        JsonElement session = await SignInAsync(account, Server.PasswordOf(account));
        return _tokens[account] = session.GetProperty("accessToken").GetString()!;
    }

    public async Task<JsonElement> SignInAsync(string userName, string password)
    {
        using HttpResponseMessage answer = await Http.PostAsJsonAsync("api/v1/sessions", new { userName, password });
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Sends a request as an account; null is nobody.</summary>
    public async Task<HttpResponseMessage> SendAsync(string? account, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (account is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenAsync(account));
        if (body is not null) request.Content = JsonContent.Create(body);
        return await Http.SendAsync(request);
    }

    public async Task<JsonElement> GetAsync(string account, string path)
    {
        using HttpResponseMessage answer = await SendAsync(account, HttpMethod.Get, path);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }
}

/// <summary>Names the collection that shares one server.</summary>
[CollectionDefinition(ServerFixture.Collection)]
public sealed class ServerCollection : ICollectionFixture<ServerFixture>;
