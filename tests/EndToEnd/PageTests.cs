using System.Text;
using Comms.Browser;
using Comms.Support;
using Microsoft.Playwright;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>What the pages do and say when fingers, links and versions are not as they should be.</summary>
public sealed class PageTests(DemoCity city) : IClassFixture<DemoCity>
{
    private const string SilentZh = "未收到您的语音";
    private const string SilentEn = "No voice arrived from your microphone";

    [Fact]
    public async Task A_second_finger_that_lifts_keeps_the_floor_and_the_first_one_releases_it()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var talker = await city.StandInAsync(browser, city.Responders[0], DemoCity.IncidentChannel);
        var other = await city.StandInAsync(browser, city.Responders[1], DemoCity.IncidentChannel);

        Assert.Equal("granted", await talker.PressAsync());
        await talker.TouchAsync("pointerdown", pointerId: 2, isPrimary: false);
        await talker.TouchAsync("pointerup", pointerId: 2, isPrimary: false);
        int sent = await talker.GetPacketsSentAsync();
        await Eventually.TrueAsync(async () => await talker.GetPacketsSentAsync() > sent + 25, "the talker goes on talking");
        Assert.Equal("granted", await talker.ById("ptt-state").GetAttributeAsync("data-state"));
        Assert.Equal("taken", await other.ById("ptt-state").GetAttributeAsync("data-state"));

        await talker.ReleaseAsync();
        await other.WaitForStateAsync("ptt-state", "idle");
    }

    [Fact]
    public async Task A_talker_whose_voice_stops_loses_the_floor_and_reads_why_on_both_pages_in_both_languages()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var listener = await city.StandInAsync(browser, city.Responders[2], DemoCity.IncidentChannel);
        var phone = await city.StandInAsync(browser, city.Responders[3], DemoCity.IncidentChannel, "zh-CN");
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);
        await console.WaitForVoiceAsync();

        Assert.Equal("granted", await phone.PressAsync());
        await phone.FallSilentAsync();
        await listener.WaitForStateAsync("ptt-state", "idle");
        await Assertions.Expect(listener.ById("ended-because")).ToHaveTextAsync("Cut off: no voice arrived");
        await Assertions.Expect(console.ById($"console-ended-{DemoCity.IncidentChannel}")).ToHaveTextAsync("Cut off: no voice arrived");
        await Assertions.Expect(phone.ById("deny-reason")).ToHaveTextAsync(SilentZh);
        await phone.ById("lang-switch").ClickAsync();
        await Assertions.Expect(phone.ById("deny-reason")).ToHaveTextAsync(SilentEn);

        await console.HoldOnConsoleAsync(DemoCity.IncidentChannel);
        await console.FallSilentAsync();
        await listener.WaitForStateAsync("ptt-state", "idle");
        var why = console.ById($"console-deny-{DemoCity.IncidentChannel}");
        await Assertions.Expect(why).ToHaveTextAsync(SilentEn);
        await console.ById("lang-switch").ClickAsync();
        await Assertions.Expect(why).ToHaveTextAsync(SilentZh);
    }

    [Fact]
    public async Task A_lost_link_releases_the_floor_and_comes_back()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var talker = await city.StandInAsync(browser, city.Responders[4], DemoCity.IncidentChannel);
        var other = await city.StandInAsync(browser, city.Responders[5], DemoCity.IncidentChannel);
        Assert.Equal("granted", await talker.PressAsync());
        await other.WaitForStateAsync("ptt-state", "taken");

        await talker.Page.Context.SetOfflineAsync(true);
        await talker.WaitForStateAsync("ptt-state", "lost");
        await other.WaitForStateAsync("ptt-state", "idle");
        await talker.ReleaseAsync();
        await talker.Page.Context.SetOfflineAsync(false);

        await talker.WaitForLinkAsync("connected");
        await talker.WaitForStateAsync("ptt-state", "idle");
        Assert.Equal("granted", await talker.PressAsync());
        await talker.ReleaseAsync();
    }

    [Fact]
    public async Task A_page_of_another_version_reloads_once_and_then_asks()
    {
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var phone = await city.StandInAsync(browser, city.Responders[6], DemoCity.IncidentChannel, "zh-CN");
        int loads = 0, links = 0;
        phone.Page.Load += (_, _) => Interlocked.Increment(ref loads);
        await phone.Page.RouteWebSocketAsync(_ => true, socket =>
        {
            Interlocked.Increment(ref links);
            var server = socket.ConnectToServer();
            socket.OnMessage(frame => Send(server, frame.Binary is { } bytes ? WithOtherVersion(bytes) : null, frame.Text));
            server.OnMessage(frame => Send(socket, frame.Binary, frame.Text));
        });

        await phone.Page.ReloadAsync();

        await Eventually.TrueAsync(() => Volatile.Read(ref loads) == 2, "the page loads itself anew");
        await phone.WaitForLinkAsync("outdated");
        Assert.Contains("需要刷新", await phone.ById("link-state").InnerTextAsync());
        await phone.ById("lang-switch").ClickAsync();
        Assert.Contains("Reload needed", await phone.ById("link-state").InnerTextAsync());
        Assert.Equal((2, 2), (Volatile.Read(ref loads), Volatile.Read(ref links)));
    }

    private static void Send(IWebSocketRoute to, byte[]? binary, string? text)
    {
        if (binary is not null) to.Send(binary);
        else to.Send(text!);
    }

    /// <summary>The Hello of a page that speaks version 2: in MessagePack the member's name is followed by its small number.</summary>
    private static byte[] WithOtherVersion(byte[] message)
    {
        byte[] name = Encoding.ASCII.GetBytes("protocolVersion");
        int at = message.AsSpan().IndexOf(name);
        if (at >= 0) message[at + name.Length] = 2;
        return message;
    }
}
