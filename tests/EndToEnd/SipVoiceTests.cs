using Comms.Browser;
using Comms.Support;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>A stranger's SIP phone (baresip) and a real browser in one channel.</summary>
public sealed class SipVoiceTests(DemoCity city) : IClassFixture<DemoCity>
{
    private const double TalkSeconds = 6;

    [Fact]
    public async Task A_responder_is_heard_by_a_sip_caller_as_G711()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var talker = await city.StandInAsync(browser, city.Responders[0], DemoCity.IncidentChannel);
        await using var phone = await city.StartGatewayPhoneAsync(SpeechClips.Responder);
        await phone.DialAsync(DemoCity.IncidentNumber, city.SipServer);

        int said = await talker.StartRecordingMicrophoneAsync();
        Assert.Equal("granted", await talker.PressAsync());
        await talker.RecordForAsync(said, TalkSeconds);
        await talker.ReleaseAsync();
        await talker.WaitForStateAsync("ptt-state", "idle");
        await phone.HangUpAsync();

        WavFile heard = WavFile.Read(phone.HeardWav);
        Speech.AssertHeard(SpeechClips.Dispatcher, heard, TalkSeconds - 1);
        Speech.AssertIsNot(SpeechClips.Responder, heard);
    }

    [Fact]
    public async Task A_sip_caller_keys_with_a_star_is_heard_by_a_responder_and_releases_with_a_hash()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var listener = await city.StandInAsync(browser, city.Responders[1], DemoCity.IncidentChannel);
        await using var phone = await city.StartGatewayPhoneAsync(SpeechClips.Responder);
        await phone.DialAsync(DemoCity.IncidentNumber, city.SipServer);

        WavFile heard = await Speech.AssertHeardAsync(SpeechClips.Responder, TalkSeconds - 1, () => KeyAsync(phone, listener));
        await phone.HangUpAsync();

        Speech.AssertIsNot(SpeechClips.Dispatcher, heard);
    }

    /// <summary>One burst of the SIP phone, as the responder heard it.</summary>
    private async Task<WavFile> KeyAsync(BaresipPhone phone, CommsPage listener)
    {
        int heard = await listener.StartRecordingSlotAsync();
        await listener.RecordForAsync(heard, 1);
        await phone.SendDigitAsync('*');
        await listener.WaitForStateAsync("ptt-state", "taken");
        Assert.Contains(city.Gateway.CallSign, await listener.ById("talker").InnerTextAsync());
        await listener.RecordForAsync(heard, TalkSeconds);
        await phone.SendDigitAsync('#');
        await listener.WaitForStateAsync("ptt-state", "idle");
        return (await listener.StopRecordingAsync(heard)).ToWav();
    }

    [Fact]
    public async Task A_sip_caller_without_the_floor_is_not_heard()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var listener = await city.StandInAsync(browser, city.Responders[2], DemoCity.IncidentChannel);
        await using var phone = await city.StartGatewayPhoneAsync(SpeechClips.Responder);
        await phone.DialAsync(DemoCity.IncidentNumber, city.SipServer);

        int heard = await listener.StartRecordingSlotAsync();
        await listener.RecordForAsync(heard, 4);
        await phone.HangUpAsync();

        var recording = await listener.StopRecordingAsync(heard);
        Assert.True(recording.Rms < 0.002, $"A caller who did not key was heard with an RMS of {recording.Rms:F4}.");
    }

    [Fact]
    public async Task An_unknown_number_is_not_found()
    {
        await using var phone = await city.StartGatewayPhoneAsync(SpeechClips.Responder);

        Assert.StartsWith("404", await phone.DialRefusedAsync("99999", city.SipServer));
    }
}
