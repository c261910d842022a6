using System.Diagnostics;
using System.Net;
using System.Text;

namespace Comms.Support;

/// <summary>
/// A second stranger's SIP phone: Debian's linphonec. Its belle-sip answers SHA-256 challenges; it needs no sound card to
/// register and to be in a call.
/// </summary>
public sealed class LinphonePhone : IAsyncDisposable
{
    private readonly string _folder;
    private readonly Process _process;
    private readonly StringBuilder _said = new();

    private LinphonePhone(string folder, Process process)
    {
        _folder = folder;
        _process = process;
        process.OutputDataReceived += (_, line) => Note(line.Data);
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything that the phone printed.</summary>
    public string Output
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    /// <summary>Starts the phone with one account on <paramref name="server"/>; it registers by itself, over UDP.</summary>
    public static LinphonePhone Start(IPEndPoint server, string user, string password) => Start($"{server}", user, password, "udp", "");

    /// <summary>The same over TLS. The server must show a certificate of that host name, issued by the authority in the PEM file.</summary>
    public static LinphonePhone StartSecured(DnsEndPoint server, string user, string password, string authorityPem) =>
        Start($"{server.Host}:{server.Port}", user, password, "tls", authorityPem);

    private static LinphonePhone Start(string server, string user, string password, string transport, string authorityPem)
    {
        string folder = Directory.CreateTempSubdirectory("comms-linphone-").FullName;
        string settings = Path.Combine(folder, "linphonerc");
        // It keeps its databases here and does without them when the folder is missing, but says so for ever.
        Directory.CreateDirectory(Path.Combine(folder, ".local", "share", "linphone"));
        // store_ha1_passwd=0: a password kept as a hash would be kept as a hash of MD5 alone.
        File.WriteAllText(settings, $"""
            [sip]
            bind_address=127.0.0.1
            sip_port={(transport == "udp" ? -1 : 0)}
            sip_tcp_port=0
            sip_tls_port={(transport == "tls" ? -1 : 0)}
            root_ca={authorityPem}
            verify_server_certs=1
            verify_server_cn=1
            use_ipv6=0
            store_ha1_passwd=0
            default_proxy=0
            [rtp]
            audio_rtp_port=-1
            [auth_info_0]
            username={user}
            passwd={password}
            [proxy_0]
            reg_proxy=<sip:{server};transport={transport}>
            reg_identity=sip:{user}@{server}
            reg_expires=60
            reg_sendregister=1
            """);
        var process = Process.Start(new ProcessStartInfo("stdbuf", ["-oL", "linphonec", "-S", "-c", settings])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["HOME"] = folder, ["LANG"] = "C" },
        })!;
        return new LinphonePhone(folder, process);
    }

    public Task DialAsync(string number, IPEndPoint server) => CommandAsync($"call sip:{number}@{server}");

    public Task DialAsync(string number, DnsEndPoint server) => CommandAsync($"call sip:{number}@{server.Host}:{server.Port};transport=tls");

    public Task HangUpAsync() => CommandAsync("terminate");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task CommandAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    private void Note(string? line)
    {
        lock (_said) _said.AppendLine(line);
    }
}
