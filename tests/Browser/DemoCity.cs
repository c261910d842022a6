using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Browser;

/// <summary>A real server in a process of its own with the demo town, as its first start seeds it.</summary>
public sealed class DemoCity : IAsyncLifetime, IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private ServerProcess? _server;

    public ServerProcess Server => _server ?? throw new InvalidOperationException("The server has not been started.");

    /// <summary>Plain HTTP on loopback, which browsers treat as a secure context.</summary>
    public Uri Url => Server.HttpUrl;

    public IReadOnlyList<Login> Responders { get; private set; } = [];

    public Login Dispatcher { get; private set; } = Login.None;

    public Login Administrator { get; private set; } = Login.None;

    public Login Gateway { get; private set; } = Login.None;

    /// <summary>Where everyone may talk.</summary>
    public const string IncidentChannel = "incident1";

    public const string IncidentNumber = "7005";

    public IReadOnlyList<string> Cameras { get; } = [.. Enumerable.Range(1, 8).Select(n => $"cam{n}")];

    public const string AnyTownId = "lianhua";

    public IPEndPoint SipServer => new(IPAddress.Loopback, Server.Ready.Ports["sipUdp"]);

    public static async Task<DemoCity> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var city = new DemoCity();
        await city.StartServerAsync(settings);
        return city;
    }

    public Task InitializeAsync() => StartServerAsync(null);

    /// <summary>A phone page, signed in and standing in a channel with its voice session up.</summary>
    public async Task<CommsPage> StandInAsync(Chromium browser, Login login, string channelId, string locale = "en-US")
    {
        var page = await browser.OpenAsync(Url, "/ptt", locale, width: 390, height: 844);
        await page.SignInAsync(login.UserName, login.Password);
        await page.StandInAsync(channelId);
        return page;
    }

    /// <summary>The console, signed in and connected.</summary>
    public async Task<CommsPage> OpenConsoleAsync(Chromium browser, Login login, string locale = "en-US")
    {
        var page = await browser.OpenAsync(Url, "/", locale, width: 1440, height: 900);
        await page.SignInAsync(login.UserName, login.Password);
        await page.UnlockAsync();
        await page.WaitForLinkAsync("connected");
        return page;
    }

    /// <summary>The radio gateway as a stranger's SIP phone, registered.</summary>
    public Task<BaresipPhone> StartGatewayPhoneAsync(string microphoneWav) =>
        BaresipPhone.StartAsync(SipServer, Gateway.UserName, Gateway.Password, microphoneWav);

    /// <summary>An HTTP client with the account's access token.</summary>
    public async Task<HttpClient> SignInByApiAsync(Login login)
    {
        var client = new HttpClient { BaseAddress = Url };
        using var answer = await client.PostAsJsonAsync("/api/v1/sessions", new { userName = login.UserName, password = login.Password });
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body.GetProperty("accessToken").GetString());
        return client;
    }

    public static int NumberOf(string cameraId) => int.Parse(cameraId.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture);

    public string CameraUrl(string cameraId) => $"rtsp://127.0.0.1:{Server.Ready.Ports["demoCameras"]}/cam/{NumberOf(cameraId)}";

    /// <summary>Waits until ffmpeg relays the camera; returns its process id. Only cities with Media:DirectRtsp off relay RTSP so.</summary>
    public async Task<int> WaitForRelayAsync(string cameraId, int otherThan = 0)
    {
        int id = 0;
        await WaitUntilAsync($"a relay of {cameraId} other than process {otherThan}",
            async () => (id = await ReadRelayAsync(cameraId)) != 0 && id != otherThan);
        return id;
    }

    /// <summary>Waits until the server takes nothing in from the camera, by whichever relay.</summary>
    public Task WaitForNoRelayAsync(string cameraId) =>
        WaitUntilAsync($"the end of {cameraId}'s feed", async () => await ReadFeedAsync(cameraId) is null);

    public async Task WaitForNoRelayAsync()
    {
        foreach (string camera in Cameras)
            await WaitForNoRelayAsync(camera);
    }

    async Task IAsyncLifetime.DisposeAsync() => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    private async Task StartServerAsync(IReadOnlyDictionary<string, string>? settings)
    {
        string root = FindRoot();
        string configuration = AppContext.BaseDirectory.Contains("/Release/", StringComparison.Ordinal) ? "Release" : "Debug";
        var all = new Dictionary<string, string>(settings ?? new Dictionary<string, string>());
        all.TryAdd("Http:WebRoot", Path.Combine(root, "web-client", "dist"));
        all.TryAdd("Demo:CameraSimulator", Path.Combine(root, $"load/CameraSimulator/bin/{configuration}/net10.0/camera-simulator.dll"));
        all.TryAdd("Demo:CameraPort", "0");
        // baresip 1.0 gives up when any of the challenges names an algorithm other than MD5.
        all.TryAdd("Sip:Digest", "MD5");
        _server = await ServerProcess.StartAsync(all);
        Login Of(string user, string callSign) => new(user, _server.PasswordOf(user), callSign);
        Responders =
        [
            Of("police1", "P-101"), Of("police2", "P-102"), Of("police3", "P-201"), Of("fire1", "F-11"), Of("fire2", "F-12"), Of("fire3", "F-21"),
            Of("ambulance1", "A-1"), Of("ambulance2", "A-2"), Of("ambulance3", "A-3"), Of("grid1", "G-01"), Of("grid2", "G-02"), Of("grid3", "G-03"),
        ];
        Dispatcher = Of("dispatch1", "D-1");
        Administrator = Of("admin", "CMD");
        Gateway = Of("radio1", "R-1");
    }

    private async Task<int> ReadRelayAsync(string cameraId) =>
        await ReadFeedAsync(cameraId) is { } feed && feed.GetProperty("relayProcessId") is { ValueKind: JsonValueKind.Number } id ? id.GetInt32() : 0;

    /// <summary>The camera's feed as the debug page tells it, the one with a process before those that only carry it; null when there is none.</summary>
    private async Task<JsonElement?> ReadFeedAsync(string cameraId)
    {
        using var client = new HttpClient { BaseAddress = Url };
        var snapshot = await client.GetFromJsonAsync<JsonElement>("/debug/sessions.json");
        var feeds = snapshot.GetProperty("feeds").EnumerateArray()
            .Where(feed => feed.GetProperty("camera").GetString() == cameraId)
            .OrderBy(feed => feed.GetProperty("relayProcessId").ValueKind == JsonValueKind.Number ? 0 : 1)
            .ToList();
        return feeds.Count == 0 ? null : feeds[0];
    }

    private static async Task WaitUntilAsync(string what, Func<Task<bool>> isSo)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            while (!await isSo())
                await timer.WaitForNextTickAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Waited {Limit.TotalSeconds} s for {what}.");
        }
    }

    /// <summary>The folder of the solution.</summary>
    public static string Root => FindRoot();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Comms.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException("No Comms.sln above the tests.");
    }
}

/// <summary>A demo account.</summary>
public sealed record Login(string UserName, string Password, string CallSign)
{
    public static readonly Login None = new("", "", "");
}
