using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;

namespace Comms.Support;

/// <summary>
/// A stranger's SIP phone: Debian's baresip, with a speech file as its microphone. What it heard is read from the WAV
/// file that its sndfile filter writes after decoding.
/// </summary>
public sealed class BaresipPhone : IAsyncDisposable
{
    private static readonly TimeSpan EventTimeout = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly Process _process;
    private readonly TcpClient _control;
    private readonly Channel<JsonElement> _events = Channel.CreateUnbounded<JsonElement>();
    private readonly StringBuilder _log;

    private BaresipPhone(string folder, Process process, TcpClient control, StringBuilder log)
    {
        _folder = folder;
        _process = process;
        _control = control;
        _log = log;
        _ = ReadEventsAsync();
    }

    /// <summary>Starts the phone and waits until its account is registered.</summary>
    /// <param name="server">The SIP server's UDP address.</param>
    /// <param name="microphoneWav">Played in a loop while in a call, brought to 8 kHz.</param>
    public static async Task<BaresipPhone> StartAsync(IPEndPoint server, string user, string password, string microphoneWav)
    {
        for (int attempt = 0; ; attempt++)
        {
            var log = new StringBuilder();
            var phone = await TryStartAsync(server, user, password, microphoneWav, log);
            if (phone is not null) return phone;
            if (attempt == 4) throw new InvalidOperationException($"baresip did not start five times:\n{log}");
        }
    }

    public async Task DialAsync(string number, IPEndPoint server)
    {
        await CommandAsync("dial", $"sip:{number}@{server}");
        await WaitForAsync("CALL_ESTABLISHED");
    }

    /// <summary>Dials and returns the reason with which the call was refused ("404 Not Found").</summary>
    public async Task<string> DialRefusedAsync(string number, IPEndPoint server)
    {
        await CommandAsync("dial", $"sip:{number}@{server}");
        var closed = await WaitForAsync("CALL_CLOSED");
        return closed.GetProperty("param").GetString() ?? "";
    }

    /// <summary>Sends one digit as a telephone-event (RFC 4733).</summary>
    public Task SendDigitAsync(char digit) => CommandAsync("sndcode", digit.ToString());

    public async Task HangUpAsync()
    {
        await CommandAsync("hangup", "");
        await WaitForAsync("CALL_CLOSED");
    }

    /// <summary>Waits for the other side to hang up.</summary>
    public Task WaitForHangUpAsync() => WaitForAsync("CALL_CLOSED");

    /// <summary>The WAV of everything heard in the last call, complete after the call ended.</summary>
    public string HeardWav => Directory.GetFiles(_folder, "dump-*-dec.wav").Order().Last();

    public async ValueTask DisposeAsync()
    {
        _control.Dispose();
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<BaresipPhone?> TryStartAsync(
        IPEndPoint server, string user, string password, string microphoneWav, StringBuilder log)
    {
        string folder = Directory.CreateTempSubdirectory("comms-baresip-").FullName;
        string microphone = Path.Combine(folder, "microphone.wav");
        new WavFile(8_000, BandFilter.Resample(WavFile.Read(microphoneWav), 8_000, 50, 3_800)).Write(microphone);
        int controlPort = FreePorts.Tcp();
        int sipPort = FreePorts.Udp();
        await File.WriteAllTextAsync(Path.Combine(folder, "config"), $"""
            poll_method epoll
            sip_listen 127.0.0.1:{sipPort}
            net_interface 127.0.0.1
            call_max_calls 4
            audio_source aufile,{microphone}
            audio_player aubridge,ear{controlPort}
            audio_alert aubridge,alert{controlPort}
            ausrc_srate 8000
            auplay_srate 8000
            ausrc_channels 1
            auplay_channels 1
            audio_txmode poll
            module_path /usr/lib/baresip/modules
            module g711.so
            module aufile.so
            module aubridge.so
            module sndfile.so
            snd_path {folder}
            module_tmp account.so
            module_app menu.so
            module_app ctrl_tcp.so
            ctrl_tcp_listen 127.0.0.1:{controlPort}
            """);
        await File.WriteAllTextAsync(Path.Combine(folder, "accounts"),
            $"<sip:{user}@{server};transport=udp>;auth_user={user};auth_pass={password};regint=60;audio_codecs=PCMA\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "contacts"), "");

        var process = Process.Start(new ProcessStartInfo("baresip", ["-f", folder])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Note(string? line)
        {
            if (line is null) return;
            lock (log) log.AppendLine(line);
            if (line.Contains("baresip is ready", StringComparison.Ordinal)) ready.TrySetResult();
            if (line.Contains(" 200 OK ", StringComparison.Ordinal) && line.Contains("binding", StringComparison.Ordinal)) registered.TrySetResult();
        }
        process.OutputDataReceived += (_, e) => Note(e.Data);
        process.ErrorDataReceived += (_, e) => Note(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();

        if (await Task.WhenAny(ready.Task, process.WaitForExitAsync()) != ready.Task)
        {
            Directory.Delete(folder, recursive: true);
            return null;
        }

        if (await Task.WhenAny(registered.Task, process.WaitForExitAsync(new CancellationTokenSource(EventTimeout).Token)) != registered.Task)
        {
            if (!process.HasExited) process.Kill();
            throw new InvalidOperationException($"baresip did not register:\n{log}");
        }

        var control = new TcpClient();
        await control.ConnectAsync(IPAddress.Loopback, controlPort);
        return new BaresipPhone(folder, process, control, log);
    }

    private async Task CommandAsync(string command, string parameters)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string> { ["command"] = command, ["params"] = parameters });
        byte[] frame = [.. Encoding.ASCII.GetBytes($"{json.Length}:"), .. json, (byte)','];
        await _control.GetStream().WriteAsync(frame);
    }

    private async Task<JsonElement> WaitForAsync(string type)
    {
        using var timeout = new CancellationTokenSource(EventTimeout);
        try
        {
            while (true)
            {
                var item = await _events.Reader.ReadAsync(timeout.Token);
                if (!item.TryGetProperty("type", out var name)) continue;
                if (name.GetString() == type) return item;
                if (name.GetString() == "CALL_CLOSED") throw new TimeoutException($"The call ended before {type}: {item}");
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
        {
            lock (_log)
                throw new TimeoutException($"baresip never said {type}. Its log:\n{_log}");
        }
    }

    /// <summary>Netstrings: length, colon, JSON, comma.</summary>
    private async Task ReadEventsAsync()
    {
        var stream = _control.GetStream();
        try
        {
            while (true)
            {
                int length = 0;
                var one = new byte[1];
                while (true)
                {
                    await stream.ReadExactlyAsync(one);
                    if (one[0] == (byte)':') break;
                    length = length * 10 + (one[0] - '0');
                }

                var body = new byte[length + 1];
                await stream.ReadExactlyAsync(body);
                _events.Writer.TryWrite(JsonDocument.Parse(body.AsMemory(0, length)).RootElement);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            _events.Writer.TryComplete();
        }
    }
}
