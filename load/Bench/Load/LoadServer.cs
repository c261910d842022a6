using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Comms.Browser;
using Comms.Phones;
using Comms.Phones.Io;
using Comms.Support;

namespace Comms.Bench.Load;

/// <summary>The server under load: one of our own, started for the run, or an operator's (--server URL --token TOKEN).</summary>
internal sealed class LoadServer : IAsyncDisposable
{
    private readonly ServerProcess? _own;
    private readonly HttpClient _admin;
    private readonly Uri _url;
    private readonly List<string> _rehearsals = [];

    private LoadServer(ServerProcess? own, Uri url, HttpClient admin, X509Certificate2? authority) =>
        (_own, _url, _admin, Authority) = (own, url, admin, authority);

    public X509Certificate2? Authority { get; }

    /// <summary>0 for an operator's server.</summary>
    public int ProcessId => _own?.ProcessId ?? 0;

    public Uri Url => _url;

    /// <summary>Signed in as an administrator.</summary>
    public HttpClient Admin => _admin;

    /// <summary>What our own server has written; empty for an operator's.</summary>
    public string Output => _own?.Output ?? "";

    public static async Task<LoadServer> StartAsync(string[] arguments, IReadOnlyDictionary<string, string>? settings = null)
    {
        string address = Argument.Text(arguments, "--server", "");
        if (address.Length > 0)
        {
            var url = new Uri(address);
            var remote = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(2) };
            remote.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Argument.Text(arguments, "--token", ""));
            return new LoadServer(null, url, remote, null);
        }

        var all = new Dictionary<string, string>(settings ?? new Dictionary<string, string>()) { ["Http:WebRoot"] = Path.Combine(DemoCity.Root, "web-client", "dist") };
        var own = await ServerProcess.StartAsync(all);
        var client = new HttpClient { BaseAddress = own.HttpUrl, Timeout = TimeSpan.FromMinutes(2) };
        using var answer = await client.PostAsJsonAsync("/api/v1/sessions", new { userName = "admin", password = own.PasswordOf("admin") });
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", body.GetProperty("accessToken").GetString());
        var authority = X509CertificateLoader.LoadCertificate(await client.GetByteArrayAsync("/ca.crt"));
        return new LoadServer(own, own.HttpUrl, client, authority);
    }

    /// <summary>Temporary phones with tokens. The first channel gets what the further ones (1,000 each) leave.</summary>
    public async Task<IReadOnlyList<PhoneAccount>> RehearseAsync(string name, int phones, int channels, int minutes)
    {
        using var answer = await _admin.PostAsJsonAsync("/api/v1/rehearsals", new { name, phones, channels, minutes });
        if (!answer.IsSuccessStatusCode)
            throw new LoadFault($"The server started no rehearsal: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        _rehearsals.Add(body.GetProperty("id").GetString()!);
        return
        [
            .. body.GetProperty("phones").EnumerateArray().Select(phone => new PhoneAccount(
                phone.GetProperty("accountId").GetString()!,
                phone.GetProperty("unitId").GetString()!,
                phone.GetProperty("channelId").GetString()!,
                phone.GetProperty("accessToken").GetString()!)),
        ];
    }

    /// <summary>Our own server's account.</summary>
    public string PasswordOf(string userName) => _own?.PasswordOf(userName) ?? throw new LoadFault("This bench starts its own server.");

    /// <summary>Registers a camera, or changes its address.</summary>
    public async Task PutCameraAsync(string id, string url)
    {
        using var answer = await _admin.PutAsJsonAsync($"/api/v1/cameras/{id}",
            new { nameZh = id, nameEn = id, townId = DemoCity.AnyTownId, department = "", source = new { url } });
        if (!answer.IsSuccessStatusCode) throw new LoadFault($"The server takes no camera: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    public FleetOptions FleetOptions(string[] arguments)
    {
        var address = Dns.GetHostAddresses(_url.Host, System.Net.Sockets.AddressFamily.InterNetwork)[0];
        bool isHttps = _url.Scheme == Uri.UriSchemeHttps;
        int httpsPort = isHttps ? _url.Port : _own?.Ready.HttpsPort ?? 0;
        return new FleetOptions
        {
            Host = _url.Host,
            Http = Endpoint.Of(new IPEndPoint(address, _url.Port)),
            Https = Endpoint.Of(new IPEndPoint(address, httpsPort)),
            Authority = Authority,
            TcpPhonesMax = isHttps ? 0 : Argument.Number(arguments, "--tcp", 18_000),
            JoiningPerLoop = Argument.Number(arguments, "--joining", 128),
            FirstAddress = Endpoint.Of(new IPEndPoint(IPAddress.Parse(Argument.Text(arguments, "--first-address", "127.16.0.1")), 0)).Address,
        };
    }

    /// <summary>The UDP port of SIP; our own server's only.</summary>
    public int SipPort => _own?.Ready.Ports["sipUdp"] ?? 0;

    public async Task<JsonElement> GetAsync(string path) => await _admin.GetFromJsonAsync<JsonElement>(path);

    public async Task PutAsync(string path, object body)
    {
        using var answer = await _admin.PutAsJsonAsync(path, body);
        if (!answer.IsSuccessStatusCode) throw new LoadFault($"PUT {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    public async Task<ServerMetrics> ReadMetricsAsync() =>
        ServerMetrics.Parse(await _admin.GetStringAsync("/metrics"), ProcessId == 0 ? default : ProcessFigures.Read(ProcessId));

    public async ValueTask DisposeAsync()
    {
        foreach (string id in _rehearsals)
        {
            // Our own server is thrown away with its rehearsals.
            if (_own is null) using (await _admin.DeleteAsync($"/api/v1/rehearsals/{id}")) continue;
        }

        _admin.Dispose();
        Authority?.Dispose();
        if (_own is not null) await _own.DisposeAsync();
    }
}

/// <summary>A run that did not do its work, in one sentence.</summary>
internal sealed class LoadFault(string sentence) : Exception(sentence);
