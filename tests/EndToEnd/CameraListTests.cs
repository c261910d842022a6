using System.Globalization;
using System.Text;
using Comms.Browser;
using Comms.Support;
using Microsoft.Playwright;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>An administrator brings a city's cameras in, finds one among them and reads why it is dark.</summary>
public sealed class CameraListTests
{
    private const int Cameras = 250;

    [Fact]
    public async Task Cameras_are_imported_after_a_check_found_by_search_and_say_why_they_are_dark()
    {
        await using var city = await DemoCity.StartAsync(new Dictionary<string, string>
        {
            ["Cameras:ProbeSeconds"] = "3", ["Cameras:ProbeAgainSeconds"] = "1",
        });
        await using var browser = await Chromium.LaunchAsync();
        CommsPage console = await city.OpenConsoleAsync(browser, city.Administrator);
        IPage page = console.Page;
        await Assertions.Expect(page.GetByTestId("camera-count")).ToHaveTextAsync("8 of 8");

        await page.GetByTestId("import-open").ClickAsync();
        await page.GetByTestId("import-file").SetInputFilesAsync(new FilePayload
        {
            Name = "cameras.csv", MimeType = "text/csv", Buffer = Encoding.UTF8.GetBytes(CameraFile(FreePorts.Tcp())),
        });
        await page.GetByTestId("import-check").ClickAsync();
        await Assertions.Expect(page.GetByTestId("import-report")).ToContainTextAsync($"{Cameras + 1} lines: {Cameras} new, 0 changed, 0 unchanged, 1 with faults");
        await Assertions.Expect(page.GetByTestId("import-faults")).ToContainTextAsync("there is no such town");
        await Assertions.Expect(page.GetByTestId("camera-count")).ToHaveTextAsync("8 of 8");
        await page.GetByTestId("import-run").ClickAsync();
        await Assertions.Expect(page.GetByTestId("import-report")).ToContainTextAsync($"Imported: {Cameras} new");
        await page.Keyboard.PressAsync("Escape");

        await Assertions.Expect(page.GetByTestId("camera-count")).ToHaveTextAsync($"100 of {Cameras + 8}");
        await page.GetByTestId("camera-search").FillAsync("Gate 217");
        await Assertions.Expect(page.GetByTestId("camera-count")).ToHaveTextAsync("1 of 1");
        ILocator item = page.GetByTestId("camera-item-gate-217");
        var patience = new LocatorAssertionsToContainTextOptions { Timeout = 30_000 };
        await Assertions.Expect(item).ToContainTextAsync("Offline since", patience);
        await Assertions.Expect(item).ToContainTextAsync("connection refused");
        await page.GetByTestId("lang-switch").ClickAsync();
        await Assertions.Expect(item).ToContainTextAsync("起离线：摄像机拒绝连接");

        await page.GetByTestId("sites-open").ClickAsync();
        await Assertions.Expect(page.GetByTestId("sites-table")).ToContainTextAsync("harbour");
    }

    private static string CameraFile(int deadPort)
    {
        var text = new StringBuilder("id,nameZh,nameEn,townId,department,site,url\r\n");
        for (int i = 0; i < Cameras; i++)
            text.Append(CultureInfo.InvariantCulture, $"gate-{i},{i}号门,Gate {i},xihu,police,harbour,rtsp://127.0.0.1:{deadPort}/{i}\r\n");
        return text.Append("lost,迷路,Lost,nowhere,police,,rtsp://127.0.0.1/1\r\n").ToString();
    }
}
