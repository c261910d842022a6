using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

/// <summary>Starting, stopping, crashing and refusing to start, with the real process.</summary>
public sealed class ServerLifeTests
{
    [Fact]
    public async Task Everything_is_there_after_a_kill_and_the_logins_still_work()
    {
        await using var server = await ServerProcess.StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        http.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync(server, "admin"));
        var unit = new { callSign = "X-9", nameZh = "新", nameEn = "New", service = "grid", townId = "lianhua" };
        Assert.Equal(HttpStatusCode.NoContent, (await http.PutAsJsonAsync("api/v1/units/u-new", unit)).StatusCode);
        string first = server.Ready.Instance;

        await server.KillAsync();
        await server.StartAgainAsync();

        Assert.NotEqual(first, server.Ready.Instance);
        Assert.DoesNotContain("logins 账号", server.Output[(server.Output.IndexOf("ready", StringComparison.Ordinal) + 5)..], StringComparison.Ordinal);
        Assert.Equal("X-9", (await GetAsync(http, "api/v1/units/u-new")).GetProperty("callSign").GetString());
        foreach (var (list, count) in (IEnumerable<(string, int)>)[("units", 17), ("channels", 5), ("cameras", 8), ("accounts", 16)])
            Assert.Equal(count, (await GetAsync(http, $"api/v1/{list}")).GetProperty("total").GetInt32());
        Assert.NotEmpty(await TokenAsync(server, "police1"));
    }

    [Fact]
    public async Task An_empty_start_makes_one_administrator_with_a_one_time_password()
    {
        await using var server = await ServerProcess.StartAsync(null, "--empty");
        string line = server.Output.Split('\n').Single(text => text.TrimStart().StartsWith("admin ", StringComparison.Ordinal));
        string password = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1];
        using var http = new HttpClient { BaseAddress = server.HttpUrl };

        using var answer = await http.PostAsJsonAsync("api/v1/sessions", new { userName = "admin", password });

        JsonElement session = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(session.GetProperty("account").GetProperty("mustChangePassword").GetBoolean());
        Assert.False(File.Exists(Path.Combine(server.DataFolder, "demo-logins.txt")));
    }

    [Fact]
    public async Task A_phone_that_installed_the_CA_trusts_the_server()
    {
        await using var server = await ServerProcess.StartAsync();
        using HttpClient secure = await TrustedServer.ClientAsync(server);

        using HttpResponseMessage health = await secure.GetAsync("healthz");

        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await secure.GetAsync("debug")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await secure.GetAsync("metrics")).StatusCode);
    }

    [Fact]
    public async Task The_inside_is_shown_at_the_machine_and_elsewhere_to_administrators_only()
    {
        await using var server = await ServerProcess.StartAsync();
        using var local = new HttpClient { BaseAddress = server.HttpUrl };
        foreach (string path in (string[])["debug", "debug/sessions.json", "debug/fanout.dot", "metrics"])
            Assert.Equal(HttpStatusCode.OK, (await local.GetAsync(path)).StatusCode);
        string metrics = await local.GetStringAsync("metrics");
        foreach (string name in (string[])["comms_media_loop_cpu_seconds", "comms_media_srtp_sent", "comms_media_handshakes_done", "comms_gc_pause_longest", "service_name=\"comms\""])
            Assert.Contains(name, metrics, StringComparison.Ordinal);
        using var rebound = new HttpRequestMessage(HttpMethod.Get, "debug");
        rebound.Headers.Host = "evil.example";
        Assert.Equal(HttpStatusCode.Unauthorized, (await local.SendAsync(rebound)).StatusCode);
        using HttpClient remote = await TrustedServer.ClientAsync(server);

        remote.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync(server, "dispatch1"));
        Assert.Equal(HttpStatusCode.Forbidden, (await remote.GetAsync("debug")).StatusCode);
        remote.DefaultRequestHeaders.Authorization = new("Bearer", await TokenAsync(server, "admin"));
        Assert.Equal(HttpStatusCode.OK, (await remote.GetAsync("debug")).StatusCode);
    }

    [Fact]
    public async Task No_password_and_no_token_reaches_the_log()
    {
        await using var server = await ServerProcess.StartAsync(new Dictionary<string, string> { ["Log:File"] = "Verbose" });
        string password = server.PasswordOf("police1");
        string token = await TokenAsync(server, "police1");
        await using (Realtime.HubClient hub = await Realtime.HubClient.OpenAsync(server.HttpUrl, token)) await hub.StandInAsync("police");
        await server.StopAsync();

        string log = string.Concat(Directory.GetFiles(Path.Combine(server.DataFolder, "logs")).Select(File.ReadAllText));
        string after = server.Output[server.Output.IndexOf("ready", StringComparison.Ordinal)..];

        Assert.NotEmpty(log);
        Assert.DoesNotContain(password, log + after, StringComparison.Ordinal);
        Assert.DoesNotContain(token, log + after, StringComparison.Ordinal);
        Assert.DoesNotContain("access_token=e", log + after, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_settings_are_listed_at_once_and_end_with_code_2()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(
            new Dictionary<string, string> { ["Http:Port"] = "x", ["Nonsense:Key"] = "1", ["Media:RtpPortMin"] = "30000", ["Sip:Listen"] = "here" }));

        Assert.Contains("code 2", fault.Message, StringComparison.Ordinal);
        foreach (string key in (string[])["Http:Port", "Nonsense", "RtpPortMax must be above", "Sip:Listen"])
            Assert.Contains(key, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http:Port")]
    [InlineData("Http:HttpsPort")]
    public async Task A_port_in_use_is_named_with_its_key(string key)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(new Dictionary<string, string> { [key] = $"{port}" }));

        Assert.Contains($"Port {port} is in use: set {key}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_SIP_port_in_use_is_named_with_its_key()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ServerProcess.StartAsync(new Dictionary<string, string> { ["Sip:Listen"] = $"{taken.LocalEndPoint}" }));

        Assert.Contains("Sip:Listen", fault.Message, StringComparison.Ordinal);
        Assert.Contains("code 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_server_on_the_same_data_folder_is_refused()
    {
        await using var server = await ServerProcess.StartAsync();

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            ServerProcess.StartAsync(new Dictionary<string, string> { ["Data:Path"] = server.DataFolder }));

        Assert.Contains("Data:Path", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_of_a_stopped_server_starts_elsewhere_with_the_same_accounts()
    {
        await using var server = await ServerProcess.StartAsync();
        string archive = Path.Combine(server.Folder, "backup.tar.gz");
        Assert.Equal(1, await RunAsync(server.Folder, $"--Data:Path={server.DataFolder}", "--backup", archive));
        await server.StopAsync();
        Assert.Equal(0, await RunAsync(server.Folder, $"--Data:Path={server.DataFolder}", "--backup", archive));
        string password = server.PasswordOf("fire1");
        Directory.Delete(server.DataFolder, recursive: true);

        Assert.Equal(0, await RunAsync(server.Folder, $"--Data:Path={server.DataFolder}", "--restore", archive));
        await server.StartAgainAsync();

        Assert.Equal(password, server.PasswordOf("fire1"));
        Assert.NotEmpty(await TokenAsync(server, "fire1"));
    }

    private static async Task<string> TokenAsync(ServerProcess server, string account)
    {
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        using var answer = await http.PostAsJsonAsync("api/v1/sessions", new { userName = account, password = server.PasswordOf(account) });
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
    }

    private static async Task<JsonElement> GetAsync(HttpClient http, string path) => await http.GetFromJsonAsync<JsonElement>(path);

    private static async Task<int> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "comms.dll"), .. arguments]) { WorkingDirectory = folder };
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
