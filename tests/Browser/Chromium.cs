using Microsoft.Playwright;

namespace Comms.Browser;

/// <summary>One real Chromium with a speech file as its microphone. Each has its own microphone, so each talker has its own.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private readonly IPlaywright _playwright;
    private readonly IBrowser _browser;
    private readonly bool _trustsAnyone;

    private Chromium(IPlaywright playwright, IBrowser browser, bool trustsAnyone) =>
        (_playwright, _browser, _trustsAnyone) = (playwright, browser, trustsAnyone);

    /// <summary>Starts a browser. <paramref name="microphoneWav"/> is played in a loop as the microphone; null beeps.</summary>
    public static Task<Chromium> LaunchAsync(string? microphoneWav = null, params string[] moreArguments) =>
        LaunchAsync(microphoneWav, home: null, moreArguments);

    /// <summary>
    /// Starts a browser that refuses every certificate but those its user trusts: the authorities in the NSS database under
    /// <paramref name="home"/>.
    /// </summary>
    public static Task<Chromium> LaunchDistrustingAsync(TrustedHome home, string microphoneWav, params string[] moreArguments) =>
        LaunchAsync(microphoneWav, home.Folder, moreArguments);

    private static async Task<Chromium> LaunchAsync(string? microphoneWav, string? home, string[] moreArguments)
    {
        string executable = Environment.GetEnvironmentVariable("COMMS_CHROMIUM") ?? "/usr/bin/chromium";
        var arguments = new List<string>
        {
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream", "--disable-features=WebRtcHideLocalIpsWithMdns",
            "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
            "--disable-backgrounding-occluded-windows",
        };
        if (microphoneWav is not null)
            arguments.Add($"--use-file-for-fake-audio-capture={microphoneWav}");
        arguments.AddRange(moreArguments);

        var playwright = await Playwright.CreateAsync();
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "");
        if (home is not null) environment["HOME"] = home;
        var browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = arguments, Env = environment });
        return new Chromium(playwright, browser, trustsAnyone: home is null);
    }

    /// <summary>A page with its own storage and cookies, as a person at another device would have. <paramref name="script"/> runs before the page's own.</summary>
    public async Task<CommsPage> OpenAsync(Uri server, string path, string locale = "en-US", int width = 1280, int height = 800, string? script = null)
    {
        var context = await _browser.NewContextAsync(new()
        {
            BaseURL = server.ToString(),
            IgnoreHTTPSErrors = _trustsAnyone,
            Locale = locale,
            Permissions = ["microphone"],
            ViewportSize = new() { Width = width, Height = height },
        });
        await context.AddInitScriptAsync(ReadScript("probe.js"));
        if (script is not null) await context.AddInitScriptAsync(script);
        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(30_000);
        var commsPage = new CommsPage(page);
        await page.GotoAsync(path);
        return commsPage;
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _playwright.Dispose();
    }

    private static string ReadScript(string name)
    {
        using var stream = typeof(Chromium).Assembly.GetManifestResourceStream($"Comms.Browser.{name}")
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
