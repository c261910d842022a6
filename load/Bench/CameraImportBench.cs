using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Comms.Bench.Load;
using Comms.Support;

namespace Comms.Bench;

/// <summary>
/// ./bench import: a city's cameras come in as one CSV file, then a dispatcher searches them. The run does not count when a
/// row is missing, when a search finds something else than it must, or when the cameras are not all there after a SIGKILL.
/// </summary>
internal static class CameraImportBench
{
    private const int Towns = 30;
    private const int VillagesOfTown = 10;
    private const int CamerasOfSite = 100;
    private const int SearchRounds = 60;
    private static readonly string[] Departments = ["police", "fire", "ambulance", "grid"];

    public static async Task<int> RunAsync(string[] arguments)
    {
        int cameras = Argument.Number(arguments, "--cameras", 12_000);
        await using var server = await ServerProcess.StartAsync();
        using HttpClient administrator = await SignInAsync(server, "admin");
        await AddTownsAsync(administrator);
        int before = await CountAsync(administrator);
        byte[] file = Encoding.UTF8.GetBytes(FileOf(cameras));

        var dryRun = await ImportAsync(administrator, file, "?dryRun=true");
        var first = await ImportAsync(administrator, file, "");
        if (first.Created != cameras || first.Faulty > 0) throw new LoadFault($"{first.Created} of {cameras} cameras were stored, {first.Faulty} had faults.");
        Figures search = await SearchAsync(server, cameras);
        Figures whileImporting = await SearchWhileAsync(server, cameras, () => ImportAsync(administrator, file, ""));

        await server.KillAsync();
        await server.StartAgainAsync();
        using HttpClient again = await SignInAsync(server, "admin");
        int after = await CountAsync(again);
        if (after != before + cameras) throw new LoadFault($"{after - before} of {cameras} cameras are there after a SIGKILL.");

        Console.WriteLine($"{cameras} cameras, {file.Length / 1024} kB: dry run {dryRun.Seconds:F2} s, import {first.Seconds:F2} s; all there after a SIGKILL");
        Figures.PrintTable(search, whileImporting);
        Figures.PrintJson(new { seconds = Figures.Round(first.Seconds), search_ms = new { p95 = Figures.Round(search.Percentile(0.95)) } });
        return 0;
    }

    private static async Task<HttpClient> SignInAsync(ServerProcess server, string account)
    {
        var client = new HttpClient { BaseAddress = server.HttpUrl, Timeout = TimeSpan.FromMinutes(5) };
        using HttpResponseMessage answer = await client.PostAsJsonAsync("api/v1/sessions", new { userName = account, password = server.PasswordOf(account) });
        answer.EnsureSuccessStatusCode();
        JsonElement session = await answer.Content.ReadFromJsonAsync<JsonElement>();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session.GetProperty("accessToken").GetString());
        return client;
    }

    private static async Task AddTownsAsync(HttpClient client)
    {
        for (int town = 0; town < Towns; town++)
        {
            await PutAsync($"t{town}", "linhai", "town");
            for (int village = 0; village < VillagesOfTown; village++) await PutAsync($"t{town}-v{village}", $"t{town}", "village");
        }

        async Task PutAsync(string id, string parentId, string level)
        {
            using HttpResponseMessage answer = await client.PutAsJsonAsync($"api/v1/towns/{id}", new { parentId, level, nameZh = "镇" + id, nameEn = "Town " + id });
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Sources on distinct loopback addresses where nothing listens: the server asks them for signs of life meanwhile.</summary>
    private static string FileOf(int cameras)
    {
        var text = new StringBuilder("id,nameZh,nameEn,townId,department,latitudeDeg,longitudeDeg,headingDeg,gbCode,site,url,userName,password,subUrl,subUserName,subPassword\r\n");
        for (int i = 0; i < cameras; i++)
        {
            string address = $"rtsp://127.20.{i / 250}.{1 + (i % 250)}:554/Streaming/Channels/";
            text.Append(CultureInfo.InvariantCulture, $"{IdOf(i)},东城街道路口{i}号,Crossing {i} East,{VillageOf(i)},{Departments[i % 4]},{LatitudeOf(i)},{LongitudeOf(i)},{i % 360},")
                .Append(CultureInfo.InvariantCulture, $"{CodeOf(i)},site-{i / CamerasOfSite},{address}101,viewer,secret-{i},{address}102,viewer,secret-{i}\r\n");
        }

        return text.ToString();
    }

    private static string IdOf(int i) => $"dg-{i:00000}";

    private static string CodeOf(int i) => $"4419000000131{i:0000000}";

    private static string VillageOf(int i) => $"t{i % Towns}-v{i / Towns % VillagesOfTown}";

    private static double LatitudeOf(int i) => Math.Round(22.65 + (i / 120 * 0.005), 4);

    private static double LongitudeOf(int i) => Math.Round(113.5 + (i % 120 * 0.005), 4);

    private static async Task<(int Created, int Faulty, double Seconds)> ImportAsync(HttpClient client, byte[] file, string query)
    {
        using var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        long started = Stopwatch.GetTimestamp();
        using HttpResponseMessage answer = await client.PostAsync("api/v1/cameras/import" + query, content);
        answer.EnsureSuccessStatusCode();
        JsonElement report = await answer.Content.ReadFromJsonAsync<JsonElement>();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return (report.GetProperty("created").GetInt32(), report.GetProperty("faulty").GetInt32(), seconds);
    }

    /// <summary>Every kind of search by turns, each with a thing that only it can find.</summary>
    private static async Task<Figures> SearchAsync(ServerProcess server, int cameras)
    {
        using HttpClient dispatcher = await SignInAsync(server, "dispatch1");
        var figures = new Figures("search");
        for (int round = 0; round < SearchRounds; round++) await SearchOnceAsync(dispatcher, cameras, round, figures);
        return figures;
    }

    private static async Task<Figures> SearchWhileAsync(ServerProcess server, int cameras, Func<Task> work)
    {
        using HttpClient dispatcher = await SignInAsync(server, "dispatch1");
        var figures = new Figures("search while the same file comes again");
        Task working = work();
        for (int round = 0; !working.IsCompleted; round++) await SearchOnceAsync(dispatcher, cameras, round, figures);
        await working;
        return figures;
    }

    private static async Task SearchOnceAsync(HttpClient client, int cameras, int round, Figures figures)
    {
        int wanted = (int)(round * 2_654_435_761L % cameras);
        double latitude = LatitudeOf(wanted);
        double longitude = LongitudeOf(wanted);
        string box = string.Create(CultureInfo.InvariantCulture, $"{longitude - 0.002},{latitude - 0.002},{longitude + 0.002},{latitude + 0.002}");
        (string Query, int Least)[] searches =
        [
            ($"text=路口{wanted}号&limit=100", 1),
            ($"text=crossing%20{wanted}%20east&limit=100", 1),
            ($"code={CodeOf(wanted)}", 1),
            ($"box={box}", 1),
            ($"department={Departments[wanted % 4]}&town=t{wanted % Towns}&limit=100", 1),
            ($"site=site-{wanted / CamerasOfSite}&limit=100", 1),
            ("text=crossing&limit=100&after=" + IdOf(cameras - 2), cameras),
            ("text=nowhere-at-all", 0),
        ];
        foreach ((string query, int least) in searches)
        {
            long started = Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await client.GetAsync("api/v1/cameras?" + query);
            byte[] body = await answer.Content.ReadAsByteArrayAsync();
            figures.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            answer.EnsureSuccessStatusCode();
            JsonElement page = JsonSerializer.Deserialize<JsonElement>(body);
            if (page.GetProperty("total").GetInt32() < least) throw new LoadFault($"{query} finds {page.GetProperty("total")} cameras.");
            bool hasWanted = page.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetString() == IdOf(wanted));
            if (least == 1 && !hasWanted && !query.StartsWith("department", StringComparison.Ordinal)) throw new LoadFault($"{query} does not find {IdOf(wanted)}.");
        }
    }

    private static async Task<int> CountAsync(HttpClient client) =>
        (await client.GetFromJsonAsync<JsonElement>("api/v1/cameras?limit=1")).GetProperty("total").GetInt32();
}
