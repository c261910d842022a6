using Comms.Browser;
using Comms.Support;
using Microsoft.Playwright;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>A phone that reaches the server by a name over HTTPS, with the server's local CA installed.</summary>
public sealed class HttpsTests : IAsyncLifetime
{
    private const string Name = "comms.test";
    private const string Resolves = $"--host-resolver-rules=MAP {Name} 127.0.0.1";

    private DemoCity? _city;

    private DemoCity City => _city ?? throw new InvalidOperationException("The server has not been started.");

    private Uri Url => new($"https://{Name}:{City.Server.Ready.HttpsPort}/");

    public async Task InitializeAsync() =>
        _city = await DemoCity.StartAsync(new Dictionary<string, string> { ["Http:CertificateNames"] = Name });

    public async Task DisposeAsync()
    {
        if (_city is not null) await _city.DisposeAsync();
    }

    [Fact]
    public async Task A_phone_that_installed_the_downloaded_CA_opens_the_page_without_a_warning_and_talks()
    {
        using var home = await TrustedHome.CreateAsync();
        await using (var stranger = await Chromium.LaunchDistrustingAsync(home, SpeechClips.Dispatcher, Resolves))
        {
            var warned = await Assert.ThrowsAsync<PlaywrightException>(() => stranger.OpenAsync(Url, "/ptt"));
            Assert.Contains("ERR_CERT_AUTHORITY_INVALID", warned.Message);
        }

        string authority = Path.Combine(home.Folder, "ca.crt");
        await DownloadAuthorityAsync(authority);
        await home.TrustAsync(authority);

        await using var phone = await Chromium.LaunchDistrustingAsync(home, SpeechClips.Dispatcher, Resolves);
        await using var other = await Chromium.LaunchAsync(SpeechClips.Responder);
        var listener = await City.StandInAsync(other, City.Responders[1], DemoCity.IncidentChannel);
        var talker = await phone.OpenAsync(Url, "/ptt", width: 390, height: 844);
        Assert.True(await talker.Page.EvaluateAsync<bool>("() => window.isSecureContext && location.protocol === 'https:'"));
        await talker.SignInAsync(City.Responders[0].UserName, City.Responders[0].Password);
        await talker.StandInAsync(DemoCity.IncidentChannel);
        await Speech.AssertHeardAsync(SpeechClips.Dispatcher, Speech.TalkSeconds - 1, () => Speech.TalkAsync(talker, listener));
    }

    /// <summary>By the link on the sign-in page, as a person does it.</summary>
    private async Task DownloadAuthorityAsync(string file)
    {
        await using var browser = await Chromium.LaunchAsync();
        var page = await browser.OpenAsync(City.Server.HttpsUrl, "/ptt");
        var answer = page.Page.WaitForResponseAsync("**/ca.crt");
        await page.Page.ReloadAsync();
        Assert.Equal("application/x-x509-ca-cert", (await answer).Headers["content-type"]);
        var download = await page.Page.RunAndWaitForDownloadAsync(() => page.ById("ca-link").ClickAsync());
        Assert.Equal("comms-ca.crt", download.SuggestedFilename);
        await download.SaveAsAsync(file);
    }
}
