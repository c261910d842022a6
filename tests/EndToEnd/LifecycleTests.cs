using Comms.Browser;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Comms.EndToEnd;

/// <summary>What an operator relies on: nothing is lost by a kill, and the first start is usable.</summary>
public sealed class LifecycleTests
{
    private static readonly string[] Catalogs = ["units", "channels", "cameras", "accounts"];

    [Fact]
    public async Task Killed_and_started_again_the_server_has_everything_it_had()
    {
        await using var city = await DemoCity.StartAsync();
        using var administrator = await city.SignInByApiAsync(city.Administrator);
        var unit = new { callSign = "LATE-1", nameZh = "后来", nameEn = "Late", service = "fire", townId = DemoCity.AnyTownId };
        (await administrator.PutAsJsonAsync("/api/v1/units/late-1", unit)).EnsureSuccessStatusCode();
        var before = await ReadCatalogsAsync(administrator);

        await city.Server.KillAsync();
        await city.Server.StartAgainAsync();

        using var again = await city.SignInByApiAsync(city.Administrator);
        var after = await ReadCatalogsAsync(again);
        Assert.Equal(before, after);
        Assert.Contains("late-1", after["units"]);
        Assert.Equal(8, after["cameras"].Count);
    }

    [Fact]
    public async Task A_stop_by_Ctrl_C_is_clean_and_quick_enough_for_the_supervisor()
    {
        await using var city = await DemoCity.StartAsync();

        Assert.Equal(0, await city.Server.StopAsync());
    }

    private static async Task<Dictionary<string, List<string>>> ReadCatalogsAsync(HttpClient client)
    {
        var read = new Dictionary<string, List<string>>();
        foreach (string catalog in Catalogs)
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/api/v1/{catalog}?limit=500");
            read[catalog] = [.. page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("id").GetString()!)];
        }

        return read;
    }
}
