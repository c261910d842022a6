using System.Text.Json;
using Comms.Browser;
using Comms.Phones;
using Comms.Phones.Io;
using Comms.Phones.Media;
using Comms.Support;

namespace Comms.Bench.Load;

/// <summary>One real Chromium among the listeners: what it heard, when, and how much of it was made up.</summary>
internal sealed class BrowserEar : IAsyncDisposable
{
    private const int SamplesPerFrame = 960;
    private const long FarMs = 4L * 60 * 60 * 1000;
    private readonly Chromium _browser;
    private readonly CommsPage _page;
    private readonly float[] _clip = SpeechClips.Read(SpeechClips.Dispatcher).Samples;
    private readonly Figures _ear = new("capture to ear");
    private int _recording = -1;
    private int _silent;

    private BrowserEar(Chromium browser, CommsPage page) => (_browser, _page) = (browser, page);

    /// <summary>Opens the phone page, signed in by the token.</summary>
    public static async Task<BrowserEar> LaunchAsync(LoadServer server, PhoneAccount account)
    {
        var browser = await Chromium.LaunchAsync(SpeechClips.Responder);
        var session = new
        {
            accessToken = account.AccessToken,
            refreshToken = "none",
            expiresInSeconds = FarMs / 1000,
            expiresAtMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() + FarMs,
            account = new { id = account.AccountId, displayName = account.AccountId, role = "responder", unitId = account.UnitId, mustChangePassword = false },
        };
        string script = $"localStorage.setItem('comms.session', {JsonSerializer.Serialize(JsonSerializer.Serialize(session))})";
        return new BrowserEar(browser, await browser.OpenAsync(server.Url, "/ptt", width: 390, height: 844, script: script));
    }

    public async Task StandInAsync(string channelId)
    {
        try
        {
            await _page.StandInAsync(channelId);
        }
        catch (Exception fault) when (fault is TimeoutException or Microsoft.Playwright.PlaywrightException)
        {
            string shown = await _page.Page.Locator("body").InnerTextAsync();
            throw new LoadFault($"The real browser did not come into the channel. It shows: {shown.ReplaceLineEndings(" | ")}\n{_page.ConsoleText}\n{fault.Message}");
        }
    }

    /// <summary>From now on each burst of the conversation is recorded and compared with what was said.</summary>
    public async Task BeginAsync(Conversation conversation)
    {
        await _page.StartWatchingAudioAsync();
        conversation.Watch = WatchAsync;
    }

    public async Task<BrowserHearing> EndAsync()
    {
        BurstConcealment concealment = await _page.StopWatchingAudioAsync();
        string? fault = _silent > 0 ? $"The real browser did not hear {_silent} of {_ear.Count + _silent} bursts." : null;
        return new BrowserHearing(1, _ear.Median, concealment.BurstPercent, fault);
    }

    public ValueTask DisposeAsync() => _browser.DisposeAsync();

    private async Task WatchAsync(Burst burst, bool isOver)
    {
        if (!isOver)
        {
            _recording = await _page.StartRecordingSlotAsync();
            return;
        }

        Recording heard = await _page.StopRecordingAsync(_recording);
        double startedMs = (burst.StartNs - Clocks.MonotonicMinusRealtimeNs) / 1e6;
        var said = new float[burst.FrameCount * SamplesPerFrame];
        int clip = _clip.Length / SamplesPerFrame * SamplesPerFrame;
        for (int i = 0; i < said.Length; i++) said[i] = _clip[(burst.FirstFrame * SamplesPerFrame + i) % clip];
        if (SoundDelay.Measure(new Recording(said, startedMs), heard) is { } delay) _ear.Add(delay);
        else _silent++;
    }
}

/// <summary>What the real browser says; nothing when there is none.</summary>
internal sealed record BrowserHearing(int Joined, double EarMs, double ConcealedPercent, string? Fault)
{
    public static readonly BrowserHearing None = new(0, double.NaN, double.NaN, null);

    /// <summary>Packets it must have been sent when one listener of its channel got so many.</summary>
    public long Share(long packetsOfOne) => Joined * packetsOfOne;
}
