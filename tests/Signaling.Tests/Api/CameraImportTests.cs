using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Api;

/// <summary>Cameras in and out as CSV, and the search over them.</summary>
[Collection(ServerFixture.Collection)]
public sealed class CameraImportTests(ServerFixture fixture)
{
    private const string Header = "id,nameZh,nameEn,townId,department,latitudeDeg,longitudeDeg,headingDeg,gbCode,site,policy,url,userName,password,subUrl";

    [Fact]
    public async Task Dry_run_names_every_bad_cell_by_its_line_and_stores_nothing()
    {
        string file = string.Join("\r\n",
            Header,
            "dry-1,桥,Bridge,xihu,police,23.1,113.1,90,44190000001310000001,s-1,onDemand,rtsp://192.0.2.1/1,u,geheim,rtsp://192.0.2.1/2",
            "dry-2,桥,Bridge,nowhere,police,,,,,,,rtsp://192.0.2.1/1,,,",
            "DRY 3,桥,Bridge,xihu,police,,,,,,,rtsp://192.0.2.1/1,,,",
            "dry-4,,Bridge,xihu,police,91,abc,,123,,sometimes,rtsp://u:geheim@192.0.2.1/1,,,",
            "dry-1,桥,Bridge,xihu,police,,,,,,,rtsp://192.0.2.1/1,,,",
            "dry-5,桥,Bridge,xihu,police,,,,44190000001310000001,,,,,,");

        JsonElement answer = await ImportAsync("admin", file, dryRun: true);

        Assert.Equal((6, 1, 5), (Number(answer, "rows"), Number(answer, "created"), Number(answer, "faulty")));
        Assert.Equal(
            [
                "3 townId", "4 id", "5 gbCode", "5 latitudeDeg", "5 longitudeDeg", "5 nameZh", "5 policy", "5 url", "6 id", "7 gbCode", "7 url",
            ],
            answer.GetProperty("faults").EnumerateArray().Select(fault => $"{Number(fault, "line")} {fault.GetProperty("column").GetString()}").Order(StringComparer.Ordinal));
        Assert.DoesNotContain("geheim", answer.ToString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await fixture.SendAsync("admin", HttpMethod.Get, "api/v1/cameras/dry-1")).StatusCode);
    }

    [Fact]
    public async Task Import_stores_the_good_rows_and_an_export_can_be_imported_again_without_changing_anything()
    {
        string file = string.Join("\n",
            Header,
            "imp-1,\"东门, 北\",\"East Gate \"\"North\"\"\",xihu,police,23.5,113.25,90,44190000001310000011,s-9,keptWarm,rtsp://192.0.2.9/1,u,geheim,rtsp://192.0.2.9/2",
            "imp-2,西门,West Gate,shuikou,grid,23.6,113.3,,,s-9,,rtsp://192.0.2.9/3,,,",
            "imp-3,南门,South Gate,nowhere,grid,,,,,,,rtsp://192.0.2.9/4,,,");
        JsonElement first = await ImportAsync("admin", file);
        Assert.Equal((3, 2, 0, 1), (Number(first, "rows"), Number(first, "created"), Number(first, "changed"), Number(first, "faulty")));

        JsonElement camera = await fixture.GetAsync("dispatch1", "api/v1/cameras/imp-1");
        Assert.Equal("东门, 北", camera.GetProperty("nameZh").GetString());
        Assert.True(camera.GetProperty("hasSub").GetBoolean());
        Assert.Equal("keptWarm", camera.GetProperty("policy").GetString());

        string exported = await (await fixture.SendAsync("admin", HttpMethod.Get, "api/v1/cameras/export")).Content.ReadAsStringAsync();
        Assert.Contains("imp-1,\"东门, 北\",\"East Gate \"\"North\"\"\",xihu,police,23.5,113.25,90,44190000001310000011,s-9,keptWarm,,,,,,", exported, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2", exported, StringComparison.Ordinal);
        JsonElement again = await ImportAsync("admin", exported);
        Assert.Equal((0, 0, 0), (Number(again, "created"), Number(again, "changed"), Number(again, "faulty")));
        Assert.Equal(Number(again, "rows"), Number(again, "unchanged"));

        JsonElement renamed = await ImportAsync("admin", "id,nameEn\nimp-2,Far West Gate\n");
        Assert.Equal((0, 1), (Number(renamed, "created"), Number(renamed, "changed")));
        Assert.Equal("西门", (await fixture.GetAsync("admin", "api/v1/cameras/imp-2")).GetProperty("nameZh").GetString());

        await SearchIsFoundByEveryRoadAsync();
        foreach (string id in (string[])["imp-1", "imp-2"]) (await fixture.SendAsync("admin", HttpMethod.Delete, $"api/v1/cameras/{id}")).EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Spreadsheet_in_GB_18030_is_understood()
    {
        Encoding chinese = CodePagesEncodingProvider.Instance.GetEncoding("GB18030")!;
        byte[] file = chinese.GetBytes("id,nameZh,nameEn,townId,url\r\ngb-1,市政广场,Square,xihu,rtsp://192.0.2.1/1\r\ngb-2,桥,,xihu,rtsp://192.0.2.1/1\r\n");

        JsonElement answer = await ImportAsync("admin", file, dryRun: true);

        Assert.Equal((1, 1), (Number(answer, "created"), Number(answer, "faulty")));
    }

    [Fact]
    public async Task File_that_is_no_camera_list_is_refused_as_a_whole()
    {
        Assert.Equal("no such column", Fault(await ImportAsync("admin", "id,colour\na,red\n", dryRun: true)));
        Assert.Equal("the column is missing", Fault(await ImportAsync("admin", "nameZh\n桥\n", dryRun: true)));
        Assert.Equal("the file is empty", Fault(await ImportAsync("admin", "", dryRun: true)));
        Assert.StartsWith("line 2", Fault(await ImportAsync("admin", "id\n\"a\n", dryRun: true)), StringComparison.Ordinal);
        using HttpResponseMessage json = await fixture.SendAsync("admin", HttpMethod.Post, "api/v1/cameras/import", new { });
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, json.StatusCode);
    }

    [Fact]
    public async Task Village_dispatcher_sees_the_village_s_cameras_only()
    {
        var village = new { displayName = "Lianhua", role = "dispatcher", unitId = "", townPath = "linhai/dongjiang/lianhua", password = "long enough" };
        (await fixture.SendAsync("admin", HttpMethod.Put, "api/v1/accounts/village-desk", village)).EnsureSuccessStatusCode();
        string token = "";
        await Eventually.TrueAsync(
            async () =>
            {
                using HttpResponseMessage answer = await fixture.Http.PostAsJsonAsync("api/v1/sessions", new { userName = "village-desk", password = "long enough" });
                if (answer.IsSuccessStatusCode) token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString()!;
                return answer.IsSuccessStatusCode;
            },
            "the village's dispatcher signs in");
        async Task<HttpResponseMessage> GetAsync(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await fixture.Http.SendAsync(request);
        }

        JsonElement list = await (await GetAsync("api/v1/cameras")).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["cam4"], Ids(list));
        JsonElement counts = await (await GetAsync("api/v1/cameras/counts?by=town")).Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("lianhua", 1), (Assert.Single(counts.EnumerateArray()).GetProperty("id").GetString(), Number(counts[0], "total")));
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("api/v1/cameras/cam2")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("api/v1/cameras/cam2/viewers")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync("api/v1/cameras?town=xihu")).StatusCode);
    }

    [Theory]
    [InlineData("box=1,2,3")]
    [InlineData("box=1,9,3,4")]
    [InlineData("box=a,b,c,d")]
    [InlineData("condition=blue")]
    public async Task Search_that_makes_no_sense_is_refused(string query)
    {
        using HttpResponseMessage answer = await fixture.SendAsync("dispatch1", HttpMethod.Get, "api/v1/cameras?" + query);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    private async Task SearchIsFoundByEveryRoadAsync()
    {
        Assert.Equal(["imp-1"], await FindAsync("text=east%20gate"));
        Assert.Equal(["imp-2"], await FindAsync("text=西门"));
        Assert.Equal(["imp-1"], await FindAsync("code=4419000000131000001"));
        Assert.Equal(["imp-1", "imp-2"], await FindAsync("site=s-9"));
        Assert.Equal(["imp-2"], await FindAsync("site=s-9&department=grid"));
        Assert.Equal(["imp-1"], await FindAsync("box=113.2,23.4,113.28,23.55"));
        Assert.Equal(["imp-2"], await FindAsync("box=113.2,23.55,113.4,23.7"));
        Assert.Equal(["imp-2"], await FindAsync("town=dongjiang&site=s-9"));
        JsonElement page = await fixture.GetAsync("dispatch1", "api/v1/cameras?site=s-9&limit=1");
        Assert.Equal((2, "imp-1"), (Number(page, "total"), page.GetProperty("next").GetString()));
    }

    private async Task<string[]> FindAsync(string query) => Ids(await fixture.GetAsync("dispatch1", "api/v1/cameras?" + query));

    private static string[] Ids(JsonElement page) => [.. page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];

    private Task<JsonElement> ImportAsync(string account, string file, bool dryRun = false) => ImportAsync(account, Encoding.UTF8.GetBytes(file), dryRun);

    private async Task<JsonElement> ImportAsync(string account, byte[] file, bool dryRun = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "api/v1/cameras/import" + (dryRun ? "?dryRun=true" : ""));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await fixture.TokenAsync(account));
        request.Content = new ByteArrayContent(file);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        using HttpResponseMessage answer = await fixture.Http.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static string Fault(JsonElement answer) => Assert.Single(answer.GetProperty("faults").EnumerateArray()).GetProperty("fault").GetString()!;

    private static int Number(JsonElement item, string name) => item.GetProperty(name).GetInt32();
}
