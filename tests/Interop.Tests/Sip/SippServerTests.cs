using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Sip;

/// <summary>Debian's SIPp against the whole server: the demo town's radio gateway, real floors, the real journal.</summary>
[Trait("Category", "Interop")]
public sealed class SippServerTests
{
    private const string Gateway = "radio1";
    private const string GatewayUnit = "u-radio1";
    private const string Number = "7005";

    [Fact]
    public async Task A_gateway_registers_calls_keys_releases_and_hangs_up_and_the_journal_tells()
    {
        await using var server = await ServerProcess.StartAsync();
        var password = server.PasswordOf(Gateway);
        // A first start prints the demo logins; what follows is the log of this test.
        var printedChars = server.Output.Length;
        await PlayAsync(server, "options", password);
        await PlayAsync(server, "register", password);
        await PlayAsync(server, "talk", password);
        await PlayAsync(server, "hold", password);
        await PlayAsync(server, "retransmitted-invite", password);
        await PlayAsync(server, "repeated-register", password);
        await PlayAsync(server, "repeated-bye", password);
        await PlayAsync(server, "late-cancel", password);
        await PlayAsync(server, "late-offer", password);
        await PlayAsync(server, "no-common-codec", password);
        await PlayAsync(server, "unknown-number", password, "9999");
        await PlayAsync(server, "wrong-password", "guess");

        using var administrator = await SignInAsync(server, "admin");
        var kinds = await WaitForKindsAsync(administrator, "account.sign_in_failed");
        Assert.Contains("account.registered", kinds);
        Assert.Contains("account.unregistered", kinds);
        Assert.Contains("floor.granted", kinds);
        Assert.Contains("floor.released", kinds);
        Assert.Equal(kinds.Count(kind => kind == "call.offered"), kinds.Count(kind => kind == "call.ended"));
        var log = server.Output[printedChars..];
        Assert.DoesNotContain(password, log, StringComparison.Ordinal);
        Assert.DoesNotContain("response=", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stops_hangs_up()
    {
        await using var server = await ServerProcess.StartAsync();
        var run = Runner(server, server.PasswordOf(Gateway), Number).RunAsync(Scenario("server-bye"));
        using var administrator = await SignInAsync(server, "admin");
        await WaitForKindsAsync(administrator, "call.offered");
        await WaitForPresenceAsync(administrator, isOnline: true);
        Assert.Equal(0, await server.StopAsync());
        var result = await run;
        Assert.True(result.IsOk, result.Log);
    }

    [Fact]
    public async Task A_registered_gateway_is_online_still_after_a_crash_until_it_takes_its_leave()
    {
        var listen = $"127.0.0.1:{FreePorts.Udp()}";
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string>
        {
            ["Sip:Listen"] = listen, ["Sip:ListenTcp"] = "", ["Sip:ListenTls"] = "",
        });
        var password = server.PasswordOf(Gateway);
        using var before = await SignInAsync(server, "admin");
        Assert.False((await PresenceAsync(before)).GetProperty("online").GetBoolean());
        await PlayAsync(server, "stay-registered", password);
        await WaitForPresenceAsync(before, isOnline: true);
        // The journal is written after the contacts are on their way to the store.
        await WaitForKindsAsync(before, "unit.online");
        await server.KillAsync();
        await server.StartAgainAsync();

        using var after = await SignInAsync(server, "admin");
        await WaitForPresenceAsync(after, isOnline: true);
        Assert.Single(await WaitForKindsAsync(after, "account.registered"), kind => kind == "account.registered");
        await PlayAsync(server, "unregister", password);
        await WaitForPresenceAsync(after, isOnline: false);
        await WaitForKindsAsync(after, "unit.offline");
    }

    [Fact]
    public async Task A_talk_ends_when_the_gateway_hangs_up_and_four_seconds_after_its_packets_stop()
    {
        await using var server = await ServerProcess.StartAsync();
        var password = server.PasswordOf(Gateway);
        using var administrator = await SignInAsync(server, "admin");
        await PlayAsync(server, "talk-and-hang-up", password);
        await PlayAsync(server, "talk-and-fall-silent", password);

        var events = await WaitForEventsAsync(administrator, "floor.revoked", count: 2);
        var ends = events.FindAll(item => KindOf(item) == "floor.revoked").OrderBy(item => item.GetProperty("at").GetDateTimeOffset()).ToList();
        Assert.Equal(["LinkLost", "TalkerSilent"], ends.Select(item => item.GetProperty("cause").GetString()));
        // A key that is pressed again while its unit talks opens no burst of its own.
        Assert.Equal(2, events.Count(item => KindOf(item) == "floor.granted"));
        var granted = events.Find(item => KindOf(item) == "floor.granted" && BurstOf(item) == BurstOf(ends[1]));
        var held = ends[1].GetProperty("at").GetDateTimeOffset() - granted.GetProperty("at").GetDateTimeOffset();
        Assert.InRange(held.TotalSeconds, 3.9, 7);
    }

    private static long BurstOf(JsonElement item) => item.GetProperty("burstId").GetInt64();

    private static string KindOf(JsonElement item) => item.GetProperty("kind").GetString()!;

    private static Task<JsonElement> PresenceAsync(HttpClient client) => client.GetFromJsonAsync<JsonElement>($"api/v1/units/{GatewayUnit}");

    private static Task WaitForPresenceAsync(HttpClient client, bool isOnline) => Eventually.TrueAsync(
        async () => (await PresenceAsync(client)).GetProperty("online").GetBoolean() == isOnline, $"the gateway's unit is {(isOnline ? "online" : "offline")}");

    private static async Task PlayAsync(ServerProcess server, string scenario, string password, string number = Number)
    {
        var result = await Runner(server, password, number).RunAsync(Scenario(scenario));
        Assert.True(result.IsOk, $"SIPp exited with {result.ExitCode} in {scenario}\n{result.Log}\n{server.Output}");
    }

    private static SippRunner Runner(ServerProcess server, string password, string number) =>
        new(new IPEndPoint(IPAddress.Loopback, server.Ready.Ports["sipUdp"])) { User = Gateway, Password = password, Number = number };

    private static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Sip", "scenarios", name + ".xml");

    private static async Task<HttpClient> SignInAsync(ServerProcess server, string account)
    {
        var client = new HttpClient { BaseAddress = server.HttpUrl };
        var answer = await client.PostAsJsonAsync("api/v1/sessions", new { userName = account, password = server.PasswordOf(account) });
        answer.EnsureSuccessStatusCode();
        var session = await answer.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("accessToken").GetString());
        return client;
    }

    private static async Task<List<string>> WaitForKindsAsync(HttpClient client, string wanted) =>
        (await WaitForEventsAsync(client, wanted)).ConvertAll(KindOf);

    // All events, once so many of the wanted kind are among them.
    private static async Task<List<JsonElement>> WaitForEventsAsync(HttpClient client, string wanted, int count = 1)
    {
        List<JsonElement> events = [];
        await Eventually.TrueAsync(
            async () =>
            {
                var page = await client.GetFromJsonAsync<JsonElement>("api/v1/events?limit=1000");
                events = [.. page.GetProperty("items").EnumerateArray()];
                return events.Count(item => KindOf(item) == wanted) >= count;
            },
            $"{count} events {wanted} are in the journal");
        return events;
    }
}
