using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;
using Comms.Signaling.Tests.Realtime;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

/// <summary>How phones connect when they share HTTP/2 connections, and what they hear when the server has no files left for them.</summary>
public sealed class ConnectionGateTests
{
    [Fact]
    public async Task Many_phones_share_one_HTTP_2_connection_and_a_full_server_says_so()
    {
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string> { ["Http:MaxConnections"] = "3" });
        string token = await TokenAsync(server);
        using SocketsHttpHandler handler = await TrustedServer.HandlerAsync(server);
        using var shared = new HttpMessageInvoker(handler);
        var sockets = new List<ClientWebSocket>();
        for (int i = 0; i < 120; i++) sockets.Add(await OverHttp2Async(server, token, shared));

        byte[] handshake = [.. "{\"protocol\":\"messagepack\",\"version\":1}\u001e"u8];
        await sockets[^1].SendAsync(handshake, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
        var answer = new byte[64];
        ValueWebSocketReceiveResult received = await sockets[^1].ReceiveAsync(answer.AsMemory(), CancellationToken.None);
        Assert.Equal("{}\u001e"u8.ToArray(), answer[..received.Count]);

        await using HubClient first = await HubClient.OpenAsync(server.HttpUrl, token);
        await using HubClient second = await HubClient.OpenAsync(server.HttpUrl, token);
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        using HttpResponseMessage refused = await http.GetAsync("hub");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Contains("server.full", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("healthz")).StatusCode);
        sockets.ForEach(socket => socket.Dispose());
    }

    private static async Task<string> TokenAsync(ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        using var answer = await http.PostAsJsonAsync("api/v1/sessions", new { userName = "police1", password = server.PasswordOf("police1") });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
    }

    private static async Task<ClientWebSocket> OverHttp2Async(ServerProcess server, string token, HttpMessageInvoker shared)
    {
        var socket = new ClientWebSocket();
        socket.Options.HttpVersion = HttpVersion.Version20;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var hub = new UriBuilder(server.HttpsUrl) { Scheme = "wss", Path = "/hub", Query = $"access_token={token}" };
        await socket.ConnectAsync(hub.Uri, shared, CancellationToken.None);
        return socket;
    }
}
