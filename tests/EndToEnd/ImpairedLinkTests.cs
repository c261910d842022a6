using System.Globalization;
using System.Net;
using Comms.Browser;
using Comms.Support;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>
/// Responders at real browsers who reach the server over a bad link only: they are told the relay's address, the server listens
/// behind it, and every packet of both directions passes the relay. What a listener loses is lost on two such links.
/// </summary>
public sealed class ImpairedLinkTests : IAsyncLifetime
{
    private const ulong Seed = 20;

    /// <summary>A listening browser reports its loss every few seconds.</summary>
    private const int MaxLossyBursts = 6;

    private static readonly IPAddress Front = IPAddress.Parse("127.0.0.1");
    private static readonly IPAddress Back = IPAddress.Parse("127.0.0.2");

    private readonly UdpImpairmentRelay _relay = UdpImpairmentRelay.Start(Front, Back, Seed);
    private DemoCity? _city;

    private DemoCity City => _city ?? throw new InvalidOperationException("The server has not been started.");

    public async Task InitializeAsync() => _city = await DemoCity.StartAsync(new Dictionary<string, string>
    {
        ["Media:MediaPort"] = _relay.Address.Port.ToString(CultureInfo.InvariantCulture),
        ["Media:BindAddresses"] = $"{Back}",
        ["Media:PublicAddresses"] = $"{Front}",
        ["Media:AllowLoopbackCandidates"] = "false",
    });

    public async Task DisposeAsync()
    {
        if (_city is not null) await _city.DisposeAsync();
        _relay.Dispose();
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.10)]
    public async Task With_loss_jitter_reordering_and_duplication_speech_stays_intelligible_and_no_floor_is_stuck(double loss)
    {
        await using var firstBrowser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var secondBrowser = await Chromium.LaunchAsync(SpeechClips.Responder);
        _relay.Link = new Impairment { Loss = loss, MeanLossBurst = 1.5, DelayMs = 20, JitterMs = 30, Reorder = 0.03, Duplicate = 0.02 };
        var first = await City.StandInAsync(firstBrowser, City.Responders[0], DemoCity.IncidentChannel);
        var second = await City.StandInAsync(secondBrowser, City.Responders[1], DemoCity.IncidentChannel);

        WavFile heard = await Speech.AssertIntelligibleAsync(SpeechClips.Dispatcher, Speech.TalkSeconds - 1, () => Speech.TalkAsync(first, second));
        Speech.AssertIsNot(SpeechClips.Responder, heard);
        foreach (var (talker, listener) in new[] { (second, first), (first, second), (second, first) })
        {
            Assert.Equal("granted", await talker.PressAsync());
            await listener.WaitForStateAsync("ptt-state", "taken");
            await talker.ReleaseAsync();
            await listener.WaitForStateAsync("ptt-state", "idle");
        }

        Assert.InRange(_relay.Lost / (double)(_relay.Lost + _relay.Passed), loss / 2, loss * 2);
    }

    [Fact]
    public async Task A_browser_that_reports_loss_gets_every_packet_twice_and_hears_it()
    {
        await using var firstBrowser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var secondBrowser = await Chromium.LaunchAsync(SpeechClips.Responder);
        var talker = await City.StandInAsync(firstBrowser, City.Responders[4], DemoCity.IncidentChannel);
        var listener = await City.StandInAsync(secondBrowser, City.Responders[5], DemoCity.IncidentChannel);
        _relay.Link = new Impairment { Loss = 0.2, MeanLossBurst = 1.5 };
        for (int burst = 0; burst < MaxLossyBursts && await RedundantAsync() == 0; burst++) await Speech.TalkAsync(talker, listener);
        long before = await RedundantAsync();
        Assert.True(before > 0, "The listener lost a fifth of its packets and got none twice.");

        // Redundancy stays for a while on the good link, so that all of this is heard out of such packets.
        _relay.Link = Impairment.None;
        WavFile heard = await Speech.TalkAsync(talker, listener);
        long redundant = await RedundantAsync() - before;
        Assert.True(redundant > Speech.TalkSeconds * 50 / 2, $"Only {redundant} packets came twice.");
        Speech.AssertIntelligible(SpeechClips.Dispatcher, heard, Speech.TalkSeconds - 1);
    }

    [Fact]
    public async Task A_dead_link_frees_the_floor_and_when_it_is_back_the_talker_is_heard_again()
    {
        await using var firstBrowser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var secondBrowser = await Chromium.LaunchAsync(SpeechClips.Responder);
        var talker = await City.StandInAsync(firstBrowser, City.Responders[2], DemoCity.IncidentChannel);
        var listener = await City.StandInAsync(secondBrowser, City.Responders[3], DemoCity.IncidentChannel);
        Assert.Equal("granted", await talker.PressAsync());
        await listener.WaitForStateAsync("ptt-state", "taken");

        _relay.Link = new Impairment { Loss = 1 };
        await listener.WaitForStateAsync("ptt-state", "idle");
        await talker.WaitForStateAsync("ptt-state", "denied");
        await talker.ReleaseAsync();
        _relay.Link = Impairment.None;

        foreach (var phone in new[] { talker, listener })
        {
            await phone.WaitForVoiceAsync();
            await phone.WaitForStateAsync("ptt-state", "idle");
        }

        await Speech.AssertIntelligibleAsync(SpeechClips.Dispatcher, Speech.TalkSeconds - 1, () => Speech.TalkAsync(talker, listener));
    }

    private async Task<long> RedundantAsync()
    {
        using var client = new HttpClient { BaseAddress = City.Url };
        string metrics = await client.GetStringAsync("/metrics");
        return metrics.Split('\n')
            .Where(line => line.StartsWith("comms_media_voice_redundant", StringComparison.Ordinal))
            .Sum(line => (long)double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }
}
