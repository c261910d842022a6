using System.Globalization;
using Comms.Browser;
using Comms.Support;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>A real browser hears the same speech in every frame-duration class; 20 ms is what the other tests hear.</summary>
public sealed class FrameClassTests
{
    private const double TalkSeconds = 4;

    /// <summary>Merging that a browser cannot follow conceals at every packet; a busy machine conceals some tens of milliseconds.</summary>
    private const double MaxConcealedPercent = 3;

    [Theory]
    [InlineData(40)]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(100)]
    [InlineData(120)]
    public async Task Merged_speech_is_heard_whole(int frameMs)
    {
        await using var city = await DemoCity.StartAsync(new Dictionary<string, string>
        {
            ["Media:FrameMs"] = frameMs.ToString(CultureInfo.InvariantCulture),
        });
        await using var talkerBrowser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var listenerBrowser = await Chromium.LaunchAsync(SpeechClips.Responder);
        var talker = await city.StandInAsync(talkerBrowser, city.Responders[0], DemoCity.IncidentChannel);
        var listener = await city.StandInAsync(listenerBrowser, city.Responders[1], DemoCity.IncidentChannel);
        InboundAudio before = await listener.GetInboundAudioAsync();
        int said = await talker.GetPacketsSentAsync();

        var concealed = new List<double>();
        await Speech.AssertOneOfAsync(
            async () =>
            {
                await listener.StartWatchingAudioAsync();
                WavFile heard = await Speech.TalkAsync(talker, listener, TalkSeconds);
                concealed.Add((await listener.StopWatchingAudioAsync()).BurstPercent);
                return heard;
            },
            heard =>
            {
                Speech.AssertHeard(SpeechClips.Dispatcher, heard, TalkSeconds - 1);
                Assert.InRange(concealed[^1], 0, MaxConcealedPercent);
            });

        // Each burst may begin and end with packets that are not full.
        long received = (await listener.GetInboundAudioAsync()).Packets - before.Packets;
        double full = (await talker.GetPacketsSentAsync() - said) * 20.0 / frameMs;
        Assert.InRange(received, full * 0.7, full * 1.3 + 10 * concealed.Count);
    }
}
