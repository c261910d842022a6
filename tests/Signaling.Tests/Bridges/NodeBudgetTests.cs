using System.Net;
using Comms.Grains;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Signaling.Bridges;
using Comms.Support;
using Xunit;
using WhepServer = Comms.Signaling.Tests.WebRtc.WhepServer;

namespace Comms.Signaling.Tests.Bridges;

/// <summary>How much a node takes in, and what a viewer is told above it.</summary>
public sealed class NodeBudgetTests
{
    private readonly SetTime _time = new();
    private readonly RecordingMediaNode _media = new();
    private readonly NodeBudget _budget;

    public NodeBudgetTests() => _budget = new NodeBudget(
        _media, new CameraOptions { MaxPulls = 10, MaxTranscodes = 2, MaxMegabitsPerSecond = 8 }, new GrainOptions { CameraGraceMs = 10_000 }, _time);

    [Fact]
    public async Task Rush_of_views_is_let_in_up_to_the_budget_and_not_one_more()
    {
        _media.Load = new FeedLoad(7, 0, 0);
        Outcome?[] outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _budget.TakeAsync(needsTranscode: false).AsTask()));
        Assert.Equal(3, outcomes.Count(outcome => outcome is null));
        Outcome refusal = outcomes.OfType<Outcome>().First();
        Assert.Equal((OutcomeCode.Exhausted, "pulls", 10), (refusal.Code, refusal.Budget, refusal.RetryAfterSeconds));

        _time.Now += TimeSpan.FromSeconds(2);
        _media.Load = new FeedLoad(4, 0, 0);
        Assert.Null(await _budget.TakeAsync(needsTranscode: false));
    }

    [Fact]
    public async Task Transcodes_have_a_budget_of_their_own()
    {
        _media.Load = new FeedLoad(2, 2, 0);
        Assert.Equal("transcodes", (await _budget.TakeAsync(needsTranscode: true))?.Budget);
        Assert.Null(await _budget.TakeAsync(needsTranscode: false));
    }

    [Fact]
    public async Task Node_that_takes_in_its_bits_per_second_takes_no_further_camera_until_there_are_less()
    {
        Assert.Null(await _budget.TakeAsync(needsTranscode: false));
        _time.Now += TimeSpan.FromSeconds(2);
        _media.Load = new FeedLoad(1, 0, 2_000_000);
        Assert.Equal("bits", (await _budget.TakeAsync(needsTranscode: false))?.Budget);
        _time.Now += TimeSpan.FromSeconds(2);
        _media.Load = new FeedLoad(1, 0, 2_500_000);
        Assert.Null(await _budget.TakeAsync(needsTranscode: false));
    }

    [Fact]
    public async Task Viewer_is_told_which_budget_is_used_up_and_when_to_come_back()
    {
        await using WhepServer server = await WhepServer.StartAsync();
        server.Cameras.Answer = new Outcome(OutcomeCode.Exhausted, "This node takes in 10 cameras already.", "pulls", 7);
        using HttpResponseMessage answer = await server.SendAsync(HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter?.Delta);
        Assert.Contains("\"budget.pulls\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Camera_is_placed_only_on_nodes_that_reach_its_site()
    {
        NodeReach[] nodes = [new("all", []), new("east", ["site-e"]), new("west", ["site-w"])];
        CameraDefinition[] cameras = [.. Enumerable.Range(0, 300).Select(i => new CameraDefinition($"c{i}", "", "", "", "", Site: "site-e"))];
        Assert.Equal(["all", "east"], cameras.Select(camera => CameraPlacement.NodeOf(camera, nodes)).Distinct().Order());
        Assert.Equal("", CameraPlacement.NodeOf(cameras[0] with { Site = "site-n" }, nodes[1..]));
        Assert.Equal("west", CameraPlacement.NodeOf(cameras[0] with { Site = "" }, nodes[2..]));
    }

    /// <summary>A clock that stands still until a test moves it.</summary>
    private sealed class SetTime : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
