using System.Net.Http.Json;
using Comms.Browser;
using Comms.Support;
using Microsoft.Playwright;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>A queue, a dispatcher's orders and an emergency between real browsers: three phones and a console.</summary>
public sealed class FloorQueueTests(DemoCity city) : IClassFixture<DemoCity>
{
    private const string Channel = DemoCity.IncidentChannel;

    [Fact]
    public async Task Phones_wait_in_turn_a_dispatcher_orders_the_queue_and_an_emergency_goes_before_all()
    {
        await TurnQueueOnAsync();
        await using var browser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        var first = await city.StandInAsync(browser, city.Responders[3], Channel);
        var second = await city.StandInAsync(browser, city.Responders[4], Channel);
        var third = await city.StandInAsync(browser, city.Responders[1], Channel, "zh-CN");
        var console = await city.OpenConsoleAsync(browser, city.Dispatcher);
        await console.WaitForVoiceAsync();

        await WaitInTurnAsync(first, second, third, console);
        await TakeTurnsAsync(first, second, third, console);
        await CallEmergencyAsync(first, second, third, console);
    }

    private static async Task WaitInTurnAsync(CommsPage first, CommsPage second, CommsPage third, CommsPage console)
    {
        Assert.Equal("granted", await first.PressAsync());
        Assert.Equal("queued", await second.PressAsync());
        Assert.Equal("queued", await third.PressAsync());
        await Assertions.Expect(second.ById("ptt-detail")).ToHaveTextAsync("You are next");
        await Assertions.Expect(third.ById("ptt-detail")).ToHaveTextAsync("前面还有 1 人");
        await Assertions.Expect(console.ById($"console-queue-{Channel}")).ToHaveAttributeAsync("data-count", "2");
        await Screens.KeepAsync(third, "queue-phone");
        await Screens.KeepAsync(console, "queue-console");

        await console.ById("console-go-ahead-u-police2").ClickAsync();
        await Assertions.Expect(third.ById("ptt-detail")).ToHaveTextAsync("下一个是您");
        await Assertions.Expect(second.ById("ptt-detail")).ToHaveTextAsync("1 before you");
    }

    private static async Task TakeTurnsAsync(CommsPage first, CommsPage second, CommsPage third, CommsPage console)
    {
        int silent = await third.GetPacketsSentAsync();
        await first.ReleaseAsync();
        await third.WaitForStateAsync("ptt-state", "granted");
        await Eventually.TrueAsync(async () => await third.GetPacketsSentAsync() > silent + 25, "the one whose turn it is talks");
        await Assertions.Expect(second.ById("ptt-detail")).ToHaveTextAsync("You are next");

        await console.ById($"console-cut-{Channel}").ClickAsync();
        await third.WaitForStateAsync("ptt-state", "denied");
        await Assertions.Expect(third.ById("deny-reason")).ToHaveTextAsync("话权被更紧急的呼叫或调度员收回");
        await second.WaitForStateAsync("ptt-state", "granted");
        await third.ReleaseAsync();
        await second.ReleaseAsync();
        await second.WaitForStateAsync("ptt-state", "idle");
    }

    private static async Task CallEmergencyAsync(CommsPage first, CommsPage second, CommsPage third, CommsPage console)
    {
        Assert.Equal("granted", await first.PressAsync());
        await second.ById("emergency").DispatchEventAsync("pointerdown", new { button = 0, pointerId = 1, isPrimary = true, bubbles = true });
        await Assertions.Expect(second.ById("emergency")).ToHaveAttributeAsync("data-active", "true");
        await second.ById("emergency").DispatchEventAsync("pointerup", new { button = 0, pointerId = 1, isPrimary = true, bubbles = true });
        foreach (var page in new[] { first, third }) await page.ById("alert-u-fire2").WaitForAsync();
        await console.ById("console-alert-u-fire2").WaitForAsync();

        await second.TouchAsync("pointerdown");
        await second.WaitForStateAsync("ptt-state", "granted");
        await first.WaitForStateAsync("ptt-state", "denied");
        await Assertions.Expect(console.ById($"console-channel-{Channel}")).ToHaveAttributeAsync("data-emergency", "true");
        await Screens.KeepAsync(first, "emergency-phone");
        await Screens.KeepAsync(second, "emergency-caller");
        await Screens.KeepAsync(console, "emergency-console");

        await second.ReleaseAsync();
        await console.ById("console-alert-cancel-u-fire2").ClickAsync();
        await Assertions.Expect(second.ById("emergency")).ToHaveAttributeAsync("data-active", "false");
        await third.ById("alert-u-fire2").WaitForAsync(new() { State = WaitForSelectorState.Detached });
    }

    private async Task TurnQueueOnAsync()
    {
        using var administrator = await city.SignInByApiAsync(city.Administrator);
        var channel = new
        {
            nameZh = "一号现场", nameEn = "Incident One", number = DemoCity.IncidentNumber, kind = "incident", townId = "linhai", floor = new { queueLimit = 10 },
        };
        using var answer = await administrator.PutAsJsonAsync($"/api/v1/channels/{Channel}", channel);
        answer.EnsureSuccessStatusCode();
    }
}
