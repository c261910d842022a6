using System.Net;
using Comms.Grains.Contracts;
using Comms.Media.Node;
using Comms.Media.Node.Streams;
using Comms.Media.Numbers;
using Comms.Media.Wire.Sdp;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.WebRtc;

/// <summary>WHEP over real HTTP: the viewing session's life, its owner, and every refusal.</summary>
public sealed class WhepEndpointTests : IAsyncLifetime
{
    private const string Fragment = "a=group:BUNDLE 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=ice-ufrag:YLYD\r\na=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n";
    private const string FragmentType = "application/trickle-ice-sdpfrag";
    private WhepServer _server = null!;

    public async Task InitializeAsync() => _server = await WhepServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task A_viewer_gets_an_answer_a_location_and_an_entity_tag_and_sees_the_camera()
    {
        using var response = await PostAsync();
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("application/sdp", response.Content.Headers.ContentType!.ToString());
        Assert.NotNull(response.Headers.ETag);
        Assert.StartsWith("/whep/sessions/", response.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.True(SdpParser.TryParse(await response.Content.ReadAsStringAsync(), out var answer, out _));
        Assert.Equal(SdpDirection.SendOnly, answer.DirectionOf(answer.Media.Single()));
        var viewed = _server.Cameras.Viewed.Single();
        Assert.Equal(new SessionId(1), viewed.Session);
        Assert.Equal("cam-1", viewed.Camera);
        Assert.Equal("dispatcher", viewed.Actor.AccountId);
        Assert.Equal("dispatcher", _server.Node.Opened.Single().Owner);
    }

    [Fact]
    public async Task Deleting_ends_the_view_and_the_media_session_once()
    {
        using var created = await PostAsync();
        string session = created.Headers.Location!.ToString();
        await ExpectAsync(HttpStatusCode.OK, HttpMethod.Delete, session);
        await ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Delete, session);
        Assert.Equal([new SessionId(1)], _server.Node.Closed);
        Assert.Equal([new SessionId(1)], _server.Cameras.Stopped);
        Assert.Equal(0, _server.Sessions.Count);
    }

    [Fact]
    public async Task Nobody_else_may_touch_a_session_nor_learn_that_it_exists()
    {
        using var created = await PostAsync();
        string session = created.Headers.Location!.ToString();
        foreach (var method in new[] { HttpMethod.Delete, HttpMethod.Patch, HttpMethod.Get })
            await ExpectAsync(HttpStatusCode.NotFound, method, session, Fragment, FragmentType, token: "another");
        await ExpectAsync(HttpStatusCode.Unauthorized, HttpMethod.Delete, session, token: null);
        Assert.Empty(_server.Node.Closed);
    }

    [Fact]
    public async Task A_session_that_media_ended_is_gone()
    {
        using var created = await PostAsync();
        string session = created.Headers.Location!.ToString();
        await ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Head, session);
        _server.Node.End(new SessionId(1));
        await ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Head, session);
        Assert.Equal(0, _server.Sessions.Count);
    }

    [Fact]
    public async Task Trickled_candidates_are_taken_under_the_right_entity_tag_only()
    {
        using var created = await PostAsync();
        string session = created.Headers.Location!.ToString();
        string tag = created.Headers.ETag!.Tag;
        await ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Patch, session, Fragment, FragmentType, ifMatch: tag);
        await ExpectAsync((HttpStatusCode)428, HttpMethod.Patch, session, Fragment, FragmentType);
        await ExpectAsync(HttpStatusCode.PreconditionFailed, HttpMethod.Patch, session, Fragment, FragmentType, ifMatch: "\"other\"");
        await ExpectAsync(HttpStatusCode.UnsupportedMediaType, HttpMethod.Patch, session, Fragment, "application/sdp", ifMatch: tag);
        await ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, session, "hello", FragmentType, ifMatch: tag);
    }

    [Fact]
    public async Task An_ICE_restart_gives_new_credentials_under_a_new_entity_tag()
    {
        using var created = await PostAsync();
        string session = created.Headers.Location!.ToString();
        string restart = Fragment.Replace("YLYD", "ELSE", StringComparison.Ordinal) + "a=ice-pwd:passwordOfTwentyTwoLetters\r\n";
        await ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Patch, session, Fragment, FragmentType, ifMatch: "*");
        await ExpectAsync(HttpStatusCode.PreconditionFailed, HttpMethod.Patch, session, restart, FragmentType, ifMatch: "\"other\"");
        using var answer = await _server.SendAsync(HttpMethod.Patch, session, restart, FragmentType, ifMatch: "*");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(FragmentType, answer.Content.Headers.ContentType!.ToString());
        Assert.NotEqual(created.Headers.ETag, answer.Headers.ETag);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.Contains("a=ice-ufrag:newufrag\r\n", body, StringComparison.Ordinal);
        Assert.Contains("a=candidate:", body, StringComparison.Ordinal);
        Assert.Equal("ELSE", _server.Node.Restarted.Single().RemoteUfrag);
        await ExpectAsync(HttpStatusCode.PreconditionFailed, HttpMethod.Patch, session, Fragment, FragmentType, ifMatch: created.Headers.ETag!.Tag);
        await ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Get, session);
    }

    [Fact]
    public async Task A_session_changes_between_the_cameras_streams_by_its_layer_link()
    {
        using var created = await _server.SendAsync(HttpMethod.Post, "/whep/cam-1?profile=sub", SdpSamples.ChromiumWhep);
        string[] links = [.. created.Headers.GetValues("Link")];
        string layer = links.Single(link => link.Contains("urn:ietf:params:whep:ext:core:layer", StringComparison.Ordinal)).Split('<', '>')[1];
        Assert.Contains("<stun:stun.example:3478>; rel=\"ice-server\"", links);
        Assert.Contains(links, link => link.StartsWith("<turn:turn.example:3478?transport=tcp>; rel=\"ice-server\"; username=", StringComparison.Ordinal));
        await ExpectAsync(HttpStatusCode.OK, HttpMethod.Post, layer, "{\"encodingId\":\"main\"}", "application/json");
        await ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, layer, "{\"encodingId\":\"huge\"}", "application/json");
        await ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Post, layer, "{\"encodingId\":\"main\"}", "application/json", token: "another");
        await ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/whep/cam-1?profile=huge", SdpSamples.ChromiumWhep);
        Assert.Equal([CameraProfile.Sub, CameraProfile.Main], _server.Cameras.Viewed.Select(view => view.Profile));
    }

    [Fact]
    public async Task A_stream_token_opens_its_camera_for_its_use_until_it_ends()
    {
        DateTimeOffset inAnHour = DateTimeOffset.UtcNow.AddHours(1);
        string token = _server.Tokens.Create(StreamUse.View, "cam-1", "dispatcher", inAnHour);
        await ExpectAsync(HttpStatusCode.Created, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep, token: token);
        await ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep,
            token: _server.Tokens.Create(StreamUse.View, "cam-2", "dispatcher", inAnHour));
        await ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep,
            token: _server.Tokens.Create(StreamUse.Publish, "cam-1", "dispatcher", inAnHour));
        await ExpectAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep,
            token: _server.Tokens.Create(StreamUse.View, "cam-1", "dispatcher", DateTimeOffset.UtcNow.AddSeconds(-1)));
        await ExpectAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep,
            token: _server.Tokens.Create(StreamUse.View, "cam-1", "nobody", inAnHour));
        await ExpectAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep, token: token[..^1] + (token[^1] == 'A' ? 'B' : 'A'));
    }

    [Fact]
    public async Task A_publisher_with_an_administrators_token_for_the_camera_is_let_in_and_nobody_else()
    {
        DateTimeOffset inAnHour = DateTimeOffset.UtcNow.AddHours(1);
        string offer = SdpSamples.ChromiumWhep.Replace("a=recvonly", "a=sendonly", StringComparison.Ordinal);
        string token = _server.Tokens.Create(StreamUse.Publish, "cam-1", "admin", inAnHour);
        using var created = await _server.SendAsync(HttpMethod.Post, "/whip/cam-1", offer, token: token);
        Assert.Equal(HttpStatusCode.Created, created.StatusCode);
        Assert.StartsWith("/whip/sessions/", created.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.True(SdpParser.TryParse(await created.Content.ReadAsStringAsync(), out var answer, out _));
        Assert.Equal(SdpDirection.RecvOnly, answer.DirectionOf(answer.Media.Single()));
        Assert.Equal((new SessionId(1), "cam-1"), _server.Node.Published.Single());
        await ExpectAsync(HttpStatusCode.OK, HttpMethod.Delete, created.Headers.Location!.ToString(), token: token);

        await ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/whip/cam-1", offer);
        await ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/whip/cam-1", offer, token: _server.Tokens.Create(StreamUse.View, "cam-1", "admin", inAnHour));
        await ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/whip/cam-1", offer, token: _server.Tokens.Create(StreamUse.Publish, "cam-2", "admin", inAnHour));
        await ExpectAsync(HttpStatusCode.NotAcceptable, HttpMethod.Post, "/whip/cam-1", SdpSamples.ChromiumWhep, token: token);
        using var other = await _server.SendAsync(HttpMethod.Options, "/whip/cam-1", token: null);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task A_camera_that_is_not_there_yet_says_when_to_come_again()
    {
        _server.Cameras.Answer = new Outcome(OutcomeCode.Conflict, "not yet");
        using var response = await PostAsync();
        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Players_of_other_origins_are_let_in_and_told_what_is_accepted()
    {
        foreach (string path in new[] { "/whep/cam-1", "/whep/sessions/any" })
        {
            using var response = await _server.SendAsync(HttpMethod.Options, path, token: null);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/sdp", response.Headers.GetValues("Accept-Post").Single());
            Assert.Equal("*", response.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.Contains("PATCH", response.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
            Assert.Contains("If-Match", response.Headers.GetValues("Access-Control-Allow-Headers").Single(), StringComparison.Ordinal);
        }

        using var created = await PostAsync();
        Assert.Contains("Location", created.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_see_cameras_gets_nothing()
    {
        await ExpectAsync(HttpStatusCode.Unauthorized, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep, token: null);
        await ExpectAsync(HttpStatusCode.Forbidden, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep, token: "responder");
        Assert.Empty(_server.Node.Opened);
    }

    [Fact]
    public async Task Wrong_requests_are_refused_with_the_fitting_status()
    {
        await ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Post, "/whep/cam-2", SdpSamples.ChromiumWhep);
        await ExpectAsync(HttpStatusCode.UnsupportedMediaType, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep, "text/plain");
        await ExpectAsync(HttpStatusCode.NotAcceptable, HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumPhone);
        await ExpectAsync(HttpStatusCode.BadRequest, HttpMethod.Post, "/whep/cam-1", "v=0\r\nbroken");
        await ExpectAsync(HttpStatusCode.RequestEntityTooLarge, HttpMethod.Post, "/whep/cam-1", new string('x', 70_000));
        await ExpectAsync(HttpStatusCode.NoContent, HttpMethod.Get, "/whep/cam-1");
        await ExpectAsync(HttpStatusCode.NotFound, HttpMethod.Head, "/whep/cam-2");
        Assert.Empty(_server.Node.Opened);
    }

    [Theory]
    [InlineData(MediaRefusal.Full)]
    [InlineData(MediaRefusal.Stopping)]
    public async Task A_full_or_stopping_node_says_when_to_come_again(MediaRefusal refusal)
    {
        _server.Node.Refusal = refusal;
        using var response = await PostAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.NotNull(response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_camera_that_refuses_the_viewer_leaves_no_session_behind()
    {
        _server.Cameras.Answer = new Outcome(OutcomeCode.NotFound, "gone");
        using var response = await PostAsync();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal([new SessionId(1)], _server.Node.Closed);
        Assert.Equal(0, _server.Sessions.Count);
    }

    private Task<HttpResponseMessage> PostAsync() => _server.SendAsync(HttpMethod.Post, "/whep/cam-1", SdpSamples.ChromiumWhep);

    private async Task ExpectAsync(
        HttpStatusCode expected, HttpMethod method, string path, string? body = null, string type = "application/sdp", string? token = "dispatcher", string? ifMatch = null)
    {
        using var response = await _server.SendAsync(method, path, body, type, token, ifMatch);
        Assert.Equal(expected, response.StatusCode);
    }
}
