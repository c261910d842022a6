using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Sip;

/// <summary>Debian's kamailio as a city's PBX: the whole server registers there, is called through it and calls through it.</summary>
[Trait("Category", "Interop")]
public sealed class TrunkTests
{
    private const string Number = "7005";

    [Fact]
    public async Task The_server_registers_at_a_trunk_is_called_through_it_and_calls_out_over_it()
    {
        var phonePort = FreePorts.EvenUdp();
        await using var server = await ServerProcess.StartAsync();
        using var trunk = await KamailioProcess.StartAsync(workers: 2, Pbx(phonePort));
        using var admin = await SignInAsync(server);
        await PutAsync(admin, "api/v1/dial-plan/trunks/pbx", new
        {
            name = "City PBX", uri = $"sip:127.0.0.1:{trunk.Port}", unitId = "u-radio1", userName = "comms", password = "secret", registers = true,
        });
        await PutAsync(admin, "api/v1/dial-plan/numbers/9", new { kind = "trunk", targetId = "pbx" });
        Assert.DoesNotContain("secret", await admin.GetStringAsync("api/v1/dial-plan"), StringComparison.Ordinal);

        // The number is unknown to the PBX until the server has registered there.
        await Eventually.TrueAsync(async () => (await CallInAsync(trunk)).IsOk, "a call through the trunk reaches the channel");

        var phone = new SippRunner(new IPEndPoint(IPAddress.Loopback, trunk.Port)) { LocalPort = phonePort }.RunAsync(Scenario("called-answer"));
        using var placed = await admin.PostAsJsonAsync("api/v1/calls", new { number = "9555", channelId = "incident1" });
        Assert.Equal(HttpStatusCode.Accepted, placed.StatusCode);
        var id = (await placed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString();
        await Eventually.TrueAsync(async () => (await StageAsync(admin, id)) == "up", "the phone behind the trunk is in the channel");
        using var ended = await admin.DeleteAsync($"api/v1/calls/{id}");
        Assert.Equal(HttpStatusCode.NoContent, ended.StatusCode);
        var result = await phone;
        Assert.True(result.IsOk, $"SIPp exited with {result.ExitCode}\n{result.Log}\n{trunk.Output()}\n{server.Output}");
        await Eventually.TrueAsync(async () => (await StageAsync(admin, id)) == "ended", "the call is over");
    }

    // REGISTER and calls out need the password; the registered name leads to the server's contact, anything else to the phone.
    private static string Pbx(int phonePort) => $$"""
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "pv.so"
        loadmodule "rr.so"
        loadmodule "maxfwd.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "auth.so"
        modparam("usrloc", "db_mode", 0)
        modparam("auth", "nonce_count", 1)
        modparam("auth", "qop", "auth")
        request_route {
          if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }
          if (loose_route()) { t_relay(); exit; }
          if (is_method("CANCEL")) { if (t_check_trans()) { t_relay(); } exit; }
          if (is_method("REGISTER")) {
            if (!pv_www_authenticate("pbx", "secret", "0")) { www_challenge("pbx", "1"); exit; }
            save("location");
            exit;
          }
          if (is_method("INVITE")) { record_route(); }
          if ($rU == "comms") {
            if (!lookup("location")) { sl_send_reply("404", "Not Found"); exit; }
          } else {
            if (is_method("INVITE") && !pv_proxy_authenticate("pbx", "secret", "0")) { proxy_challenge("pbx", "1"); exit; }
            $du = "sip:127.0.0.1:{{phonePort}}";
          }
          t_relay();
        }
        """;

    private static Task<SippResult> CallInAsync(KamailioProcess trunk) =>
        new SippRunner(new IPEndPoint(IPAddress.Loopback, trunk.Port)) { Number = Number }.RunAsync(Scenario("call-through-trunk"));

    private static async Task<string?> StageAsync(HttpClient client, string? id) =>
        (await client.GetFromJsonAsync<JsonElement>($"api/v1/calls/{id}")).GetProperty("stage").GetString();

    private static async Task PutAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PutAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {await answer.Content.ReadAsStringAsync()}");
    }

    private static string Scenario(string name) => Path.Combine(AppContext.BaseDirectory, "Sip", "scenarios", name + ".xml");

    private static async Task<HttpClient> SignInAsync(ServerProcess server)
    {
        var client = new HttpClient { BaseAddress = server.HttpUrl };
        using var answer = await client.PostAsJsonAsync("api/v1/sessions", new { userName = "admin", password = server.PasswordOf("admin") });
        answer.EnsureSuccessStatusCode();
        var session = await answer.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("accessToken").GetString());
        return client;
    }
}
