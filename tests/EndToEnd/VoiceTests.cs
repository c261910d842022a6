using Comms.Browser;
using Comms.Support;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>Two responders at real browsers in one channel.</summary>
public sealed class VoiceTests(DemoCity city) : IClassFixture<DemoCity>
{
    private const double SilenceRms = 0.002;

    [Fact]
    public async Task What_one_responder_says_is_what_the_other_hears()
    {
        await using var talkerBrowser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var listenerBrowser = await Chromium.LaunchAsync(SpeechClips.Responder);
        var talker = await city.StandInAsync(talkerBrowser, city.Responders[0], DemoCity.IncidentChannel);
        var listener = await city.StandInAsync(listenerBrowser, city.Responders[1], DemoCity.IncidentChannel);

        WavFile heard = await Speech.AssertHeardAsync(SpeechClips.Dispatcher, Speech.TalkSeconds - 1, () => Speech.TalkAsync(talker, listener));

        Speech.AssertIsNot(SpeechClips.Responder, heard);
        Assert.Equal("SRTP_AEAD_AES_128_GCM", await listener.GetSrtpCipherAsync());
    }

    [Fact]
    public async Task Nobody_talking_is_silence_and_an_idle_phone_sends_no_packet()
    {
        await using var first = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var second = await Chromium.LaunchAsync(SpeechClips.Responder);
        var phone = await city.StandInAsync(first, city.Responders[2], DemoCity.IncidentChannel);
        var listener = await city.StandInAsync(second, city.Responders[3], DemoCity.IncidentChannel);
        Assert.Equal("granted", await phone.PressAsync());
        await phone.ReleaseAsync();
        await phone.WaitForStateAsync("ptt-state", "idle");

        int heard = await listener.StartRecordingSlotAsync();
        await listener.RecordForAsync(heard, 1);
        int sentBefore = await phone.GetPacketsSentAsync();
        int quiet = await listener.StartRecordingSlotAsync();
        await listener.RecordForAsync(quiet, 4);
        int sentAfter = await phone.GetPacketsSentAsync();

        Assert.Equal(sentBefore, sentAfter);
        Assert.True(sentBefore > 0, "The press before the silence sent nothing.");
        var recording = await listener.StopRecordingAsync(quiet);
        Assert.True(recording.Rms < SilenceRms, $"The silence has an RMS of {recording.Rms:F4}.");
    }

    [Fact]
    public async Task Of_two_presses_at_once_exactly_one_is_granted_and_the_other_is_told_who_talks()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var first = await city.StandInAsync(browser, city.Responders[4], DemoCity.IncidentChannel);
        var second = await city.StandInAsync(browser, city.Responders[5], DemoCity.IncidentChannel);

        string[] states = await Task.WhenAll(first.PressAsync(), second.PressAsync());

        Assert.Equal(["denied", "granted"], states.Order());
        bool firstWon = states[0] == "granted";
        var (winner, loser) = firstWon ? (first, second) : (second, first);
        string winnerSign = (firstWon ? city.Responders[4] : city.Responders[5]).CallSign;
        Assert.Contains(winnerSign, await loser.ById("deny-reason").InnerTextAsync());
        await loser.ReleaseAsync();
        await winner.ReleaseAsync();
        await winner.WaitForStateAsync("ptt-state", "idle");
        await loser.WaitForStateAsync("ptt-state", "idle");
    }

    [Fact]
    public async Task The_space_bar_talks_and_losing_the_page_releases_the_floor()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var talker = await city.StandInAsync(browser, city.Responders[6], DemoCity.IncidentChannel);
        var other = await city.StandInAsync(browser, city.Responders[7], DemoCity.IncidentChannel);

        await talker.Page.Keyboard.DownAsync("Space");
        await talker.WaitForStateAsync("ptt-state", "granted");
        await other.WaitForStateAsync("ptt-state", "taken");
        await talker.Page.Keyboard.UpAsync("Space");
        await other.WaitForStateAsync("ptt-state", "idle");

        Assert.Equal("granted", await talker.PressAsync());
        await other.WaitForStateAsync("ptt-state", "taken");
        await talker.Page.CloseAsync();
        await other.WaitForStateAsync("ptt-state", "idle");
    }

    [Fact]
    public async Task Both_talk_again_after_a_restart_of_the_server_without_a_reload()
    {
        await using var own = await DemoCity.StartAsync();
        await using var talkerBrowser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var listenerBrowser = await Chromium.LaunchAsync(SpeechClips.Responder);
        var talker = await own.StandInAsync(talkerBrowser, own.Responders[0], DemoCity.IncidentChannel);
        var listener = await own.StandInAsync(listenerBrowser, own.Responders[1], DemoCity.IncidentChannel);
        await talker.Page.EvaluateAsync("() => { window.untouched = true; }");

        await own.Server.KillAsync();
        await talker.WaitForLinkAsync("reconnecting");
        await own.Server.StartAgainAsync();
        foreach (var page in new[] { talker, listener })
        {
            await page.WaitForLinkAsync("connected");
            await page.WaitForVoiceAsync();
        }

        foreach (var (from, to, clip) in new[] { (talker, listener, SpeechClips.Dispatcher), (listener, talker, SpeechClips.Responder) })
        {
            await Speech.AssertHeardAsync(clip, Speech.TalkSeconds - 1, () => Speech.TalkAsync(from, to));
        }

        Assert.True(await talker.Page.EvaluateAsync<bool>("() => window.untouched === true"), "The page was reloaded.");
    }
}
