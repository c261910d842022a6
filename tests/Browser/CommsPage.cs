using System.Text.Json;
using Microsoft.Playwright;

namespace Comms.Browser;

/// <summary>The phone page or the console as a person uses it: by its controls, never by its inner functions.</summary>
public sealed class CommsPage
{
    private readonly List<string> _console = [];

    public CommsPage(IPage page)
    {
        Page = page;
        page.Console += (_, message) => Note($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => Note($"uncaught: {error}");
    }

    public IPage Page { get; }

    /// <summary>What the page wrote to its console, for the message of a failing test.</summary>
    public string ConsoleText
    {
        get
        {
            lock (_console) return string.Join('\n', _console.TakeLast(60));
        }
    }

    public ILocator ById(string testId) => Page.GetByTestId(testId);

    public async Task SignInAsync(string userName, string password)
    {
        await ById("signin-user").FillAsync(userName);
        await ById("signin-password").FillAsync(password);
        await ById("signin-submit").ClickAsync();
        await ById("signout").WaitForAsync();
    }

    /// <summary>Passes the full-screen "tap to listen" when the page shows it.</summary>
    public async Task UnlockAsync()
    {
        if (await ById("unlock").IsVisibleAsync())
            await ById("unlock").ClickAsync();
    }

    /// <summary>The phone page: stands in a channel and waits until the link and the voice session are up.</summary>
    public async Task StandInAsync(string channelId)
    {
        await UnlockAsync();
        await ById($"channel-{channelId}").ClickAsync();
        await UnlockAsync();
        await WaitForLinkAsync("connected");
        await WaitForVoiceAsync();
    }

    public Task WaitForLinkAsync(string state) => WaitForStateAsync("link-state", state);

    public Task WaitForStateAsync(string testId, string state) => ExplainAsync(
        $"{testId} in the state {state}",
        () => Page.Locator($"[data-testid={testId}][data-state={state}]").First.WaitForAsync(new() { State = WaitForSelectorState.Attached }));

    /// <summary>Waits until the page's peer connection is connected.</summary>
    public Task WaitForVoiceAsync() => ExplainAsync(
        "the voice session",
        () => Page.WaitForFunctionAsync("() => window.comms?.peer()?.connectionState === 'connected'"));

    /// <summary>Holds the talk button down until the floor decision is shown; returns the state shown ("granted", "queued", "denied").</summary>
    public async Task<string> PressAsync()
    {
        await TouchAsync("pointerdown");
        await Page.Locator("[data-testid=ptt-state][data-state=granted], [data-testid=ptt-state][data-state=denied], [data-testid=ptt-state][data-state=queued]").First.WaitForAsync();
        return await ById("ptt-state").GetAttributeAsync("data-state") ?? "";
    }

    /// <summary>As <see cref="PressAsync"/>, with the page's own clock at the press and at the shown grant.</summary>
    public async Task<PressTimes> PressTimedAsync()
    {
        var times = await Page.EvaluateAsync<JsonElement>("() => window.probe.pressTimed()");
        return new PressTimes(times.GetProperty("pressedMs").GetDouble(), times.GetProperty("grantedMs").GetDouble());
    }

    public Task ReleaseAsync() => TouchAsync("pointerup");

    /// <summary>One finger's news on the phone page's talk button.</summary>
    public Task TouchAsync(string what, int pointerId = 1, bool isPrimary = true) => DispatchAsync("ptt-button", what, pointerId, isPrimary);

    /// <summary>The console: holds a channel's talk button down until the floor is granted.</summary>
    public async Task HoldOnConsoleAsync(string channelId)
    {
        await DispatchAsync($"console-talk-{channelId}", "pointerdown", 1, true);
        await WaitForStateAsync($"console-talk-{channelId}", "granted");
    }

    public Task LetGoOnConsoleAsync(string channelId) => DispatchAsync($"console-talk-{channelId}", "pointerup", 1, true);

    /// <summary>The microphone's packets cease while the button stays down.</summary>
    public Task FallSilentAsync() => Page.EvaluateAsync("() => window.comms.peer().getSenders()[0].replaceTrack(null)");

    /// <summary>Starts recording what a receiving slot plays.</summary>
    public Task<int> StartRecordingSlotAsync(int slot = 0) => Page.EvaluateAsync<int>("slot => window.probe.recordSlot(slot)", slot);

    public Task<int> StartRecordingMicrophoneAsync() => Page.EvaluateAsync<int>("() => window.probe.recordMicrophone()");

    /// <summary>Waits until a recording has that many more seconds of samples than now.</summary>
    public async Task RecordForAsync(int recording, double seconds)
    {
        int until = await Page.EvaluateAsync<int>("id => window.probe.samplesOf(id)", recording) + (int)(seconds * 48_000);
        await Page.WaitForFunctionAsync("([id, until]) => window.probe.samplesOf(id) >= until", new[] { recording, until },
            new() { Timeout = (float)(seconds * 1000) + 30_000, PollingInterval = 20 });
    }

    public async Task<Recording> StopRecordingAsync(int recording)
    {
        var result = await Page.EvaluateAsync<JsonElement>("id => window.probe.stop(id)", recording);
        byte[] pcm = Convert.FromBase64String(result.GetProperty("pcm").GetString()!);
        var samples = new float[pcm.Length / 2];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = BitConverter.ToInt16(pcm, i * 2) / 32768f;
        return new Recording(samples, result.GetProperty("startedMs").GetDouble());
    }

    /// <summary>Sends the microphone through a peer connection inside the page and records both ends of it.</summary>
    public async Task<(Recording Source, Recording Output)> RecordLoopbackAsync(double seconds)
    {
        var ids = await Page.EvaluateAsync<int[]>("() => window.probe.startLoopback()");
        await RecordForAsync(ids[1], seconds + 1);
        var both = (await StopRecordingAsync(ids[0]), await StopRecordingAsync(ids[1]));
        await Page.EvaluateAsync("() => window.probe.stopLoopback()");
        return both;
    }

    public async Task<InboundAudio> GetInboundAudioAsync()
    {
        var sum = await Page.EvaluateAsync<JsonElement>("() => window.probe.inboundAudio()");
        return new InboundAudio(
            sum.GetProperty("packetsReceived").GetInt64(),
            sum.GetProperty("packetsLost").GetInt64(),
            sum.GetProperty("concealedSamples").GetInt64(),
            sum.GetProperty("silentConcealedSamples").GetInt64(),
            sum.GetProperty("totalSamplesReceived").GetInt64());
    }

    /// <summary>Starts to note every 50 ms what the page receives and conceals.</summary>
    public Task StartWatchingAudioAsync() => Page.EvaluateAsync("() => window.probe.startWatchingAudio()");

    /// <summary>What was noted since <see cref="StartWatchingAudioAsync"/>, split by where in a burst it was concealed.</summary>
    public async Task<BurstConcealment> StopWatchingAudioAsync()
    {
        var noted = await Page.EvaluateAsync<double[][]>("() => window.probe.stopWatchingAudio()");
        return BurstConcealment.Split([.. noted.Select(n => new AudioMoment(n[0], (long)n[1], (long)n[2], (long)n[3], (long)n[4]))]);
    }

    /// <summary>Clicks a camera in the list and returns the milliseconds until its tile shows a picture.</summary>
    public Task<double> OpenCameraTimedAsync(string cameraId) =>
        Page.EvaluateAsync<double>("id => window.probe.openCameraTimed(id)", cameraId);

    public Task OpenCameraAsync(string cameraId) => ById($"camera-item-{cameraId}").ClickAsync();

    public async Task CloseCameraAsync(string cameraId)
    {
        await ById($"tile-close-{cameraId}").ClickAsync();
        await ById($"camera-tile-{cameraId}").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    /// <summary>Begins to note every picture that a tile presents.</summary>
    public Task StartWatchingTileAsync(string cameraId) =>
        Page.EvaluateAsync("([id, points]) => window.probe.watchTile(id, points)",
            new object[] { cameraId, CameraPicture.Points.Select(p => new[] { p.X, p.Y }).ToArray() });

    /// <summary>The pictures that were presented since. Fails when one of them could not be drawn.</summary>
    public async Task<IReadOnlyList<CameraPicture>> StopWatchingTileAsync(string cameraId)
    {
        var watched = await Page.EvaluateAsync<int[][][]>("id => window.probe.takeWatched(id)", cameraId);
        return [.. watched.Select(picture => CameraPicture.Read([.. picture.Select(p => new Pixel(p[0], p[1], p[2]))]))];
    }

    /// <summary>Waits until what covers a tile says so.</summary>
    public Task WaitForTileTextAsync(string cameraId, string text) =>
        Page.GetByTestId($"tile-state-{cameraId}").Filter(new() { HasText = text }).WaitForAsync(new() { Timeout = 30_000 });

    /// <summary>RTP packets the page sent for audio, -1 without a peer connection.</summary>
    public Task<int> GetPacketsSentAsync() => Page.EvaluateAsync<int>("() => window.probe.outboundPackets()");

    public Task<string> GetSrtpCipherAsync() => Page.EvaluateAsync<string>("() => window.probe.srtpCipher()");

    /// <summary>Pixels of a tile's video at points in fractions of the picture; null before the first picture.</summary>
    public async Task<Pixel[]?> GetPixelsAsync(string cameraId, params (double X, double Y)[] points)
    {
        var answer = await Page.EvaluateAsync<JsonElement>("([selector, points]) => window.probe.pixels(selector, points)",
            new object[] { $"[data-testid=camera-tile-{cameraId}] video", points.Select(p => new[] { p.X, p.Y }).ToArray() });
        return answer.ValueKind == JsonValueKind.Null
            ? null
            : [.. answer.EnumerateArray().Select(p => new Pixel(p[0].GetInt32(), p[1].GetInt32(), p[2].GetInt32()))];
    }

    /// <summary>Waits for a picture of the camera's tile that satisfies the condition.</summary>
    public async Task<CameraPicture> WaitForPictureAsync(string cameraId, Func<CameraPicture, bool> isWanted)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        CameraPicture? last = null;
        try
        {
            while (true)
            {
                // Cameras are numbered from 1: number 0 is the black that a tile shows before its first picture.
                if (await GetPixelsAsync(cameraId, CameraPicture.Points) is { } pixels
                    && (last = CameraPicture.Read(pixels)).CameraNumber > 0 && isWanted(last))
                    return last;
                await timer.WaitForNextTickAsync(limit.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"No wanted picture of {cameraId} in 30 s; the last was {last}.\n{ConsoleText}");
        }
    }

    /// <summary>A wait that ran out says what the page was showing and what it logged.</summary>
    private async Task ExplainAsync(string what, Func<Task> wait)
    {
        try
        {
            await wait();
        }
        catch (Exception e) when (e is TimeoutException or PlaywrightException)
        {
            string shown = await Page.Locator("body").InnerTextAsync();
            string log = await Page.EvaluateAsync<string>("() => (window.comms?.log() ?? []).join('\\n')");
            throw new TimeoutException($"The page never came to {what}. It shows:\n{shown}\nIts log:\n{log}\n{ConsoleText}", e);
        }
    }

    private Task DispatchAsync(string testId, string what, int pointerId, bool isPrimary) =>
        ById(testId).DispatchEventAsync(what, new { button = 0, pointerId, isPrimary, pointerType = "touch", bubbles = true });

    private void Note(string text)
    {
        lock (_console) _console.Add(text);
    }
}

/// <summary>48 kHz mono samples in -1..1 and the wall-clock time of the first, in milliseconds since 1970.</summary>
public sealed record Recording(float[] Samples, double StartedMs)
{
    /// <summary>Root mean square of the whole recording, 0..1.</summary>
    public double Rms => Math.Sqrt(Samples.Sum(s => (double)s * s) / Math.Max(1, Samples.Length));
}

/// <summary>Milliseconds since 1970 by the page's clock.</summary>
public readonly record struct PressTimes(double PressedMs, double GrantedMs);

/// <summary>What the page received and played, summed over its audio streams.</summary>
public sealed record InboundAudio(long Packets, long Lost, long ConcealedSamples, long SilentConcealedSamples, long TotalSamples)
{
    /// <summary>Concealment that could be heard, in percent; concealing the silence between bursts is none.</summary>
    public double ConcealedPercent => TotalSamples == 0 ? 0 : 100.0 * (ConcealedSamples - SilentConcealedSamples) / TotalSamples;
}

/// <summary>One pixel, 0–255 each.</summary>
public readonly record struct Pixel(int Red, int Green, int Blue);
