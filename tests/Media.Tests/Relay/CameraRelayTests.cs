using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Relay;
using Xunit;

namespace Comms.Media.Tests.Relay;

public sealed class CameraRelayTests
{
    private readonly CameraRelay _relay = new(seed: 7, RelayMode.Copy);
    private readonly List<string> _log = [];
    private Instant _now = new(5_000_000_000);

    [Fact]
    public void A_relay_connects_and_goes_live()
    {
        Do(() => _relay.Start(_now));
        Do(() => _relay.HandlePacket(_now));
        Do(() => _relay.HandlePicture());
        Assert.Equal(["Spawn", "Connecting connecting", "Live "], _log);
    }

    [Fact]
    public void A_published_camera_starts_nothing_waits_for_whoever_publishes_and_says_so()
    {
        var relay = new CameraRelay(seed: 7, RelayMode.Published);
        relay.Start(_now);
        Assert.Equal(new RelayState(FeedState.Connecting, RelayReason.NoPublisher), State());
        Assert.Equal(Instant.Never, relay.NextDeadline);

        relay.HandlePublisher(_now);
        relay.HandlePacket(_now);
        relay.HandlePicture();
        Assert.Equal(new RelayState(FeedState.Live, ""), State());

        relay.HandleEnded(RelayReason.PublisherGone, _now);
        Assert.Equal(new RelayState(FeedState.Reconnecting, RelayReason.PublisherGone), State());
        Assert.Equal(Instant.Never, relay.NextDeadline);
        relay.Retry(_now);
        Assert.False(relay.TryPollAction(out _));

        RelayState State() => relay.TryPollState(out var state) ? state : default;
    }

    [Fact]
    public void The_first_retry_comes_at_once_and_the_next_wait_longer()
    {
        Do(() => _relay.Start(_now));
        var waits = new List<long>();
        for (var i = 0; i < 9; i++)
        {
            var failed = _now;
            Do(() => _relay.HandleEnded(RelayReason.ConnectionRefused, _now));
            WaitForDeadline();
            waits.Add(_now.MsSince(failed));
        }

        Assert.Equal(0, waits[0]);
        long[] expected = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
        Assert.All(waits.Skip(1).Zip(expected), pair => Assert.InRange(pair.First, pair.Second * 0.79, pair.Second * 1.21));
        Assert.Equal(10, _log.Count(line => line == "Spawn"));
        Assert.Single(_log, "Reconnecting connection refused");
    }

    [Fact]
    public void A_silent_process_is_killed_and_started_again()
    {
        GoLive();
        _now = _now.AddMs(9_999);
        Do(() => _relay.HandleTimeout(_now));
        Assert.DoesNotContain("Kill", _log);
        _now = _now.AddMs(1);
        Do(() => _relay.HandleTimeout(_now));
        Assert.Equal("Kill", _log[^1]);
        Do(() => _relay.HandleEnded(RelayReason.Killed, _now));
        Assert.Equal("Reconnecting no packets for 10 s", _log[^1]);
        WaitForDeadline();
        Assert.Equal("Spawn", _log[^1]);
    }

    [Fact]
    public void Packets_keep_the_watchdog_quiet()
    {
        GoLive();
        for (var i = 0; i < 100; i++)
        {
            _now = _now.AddMs(1000);
            Do(() => _relay.HandlePacket(_now));
            Do(() => _relay.HandleTimeout(_now));
        }

        Assert.DoesNotContain("Kill", _log);
    }

    [Fact]
    public void A_process_that_never_sends_is_killed_after_a_longer_grace()
    {
        Do(() => _relay.Start(_now));
        WaitForDeadline();
        Assert.Equal("Kill", _log[^1]);
        Assert.Equal(20_000, _now.Milliseconds - 5_000);
        Do(() => _relay.HandleEnded(RelayReason.Killed, _now));
        Assert.Equal("Reconnecting no packets after 20 s", _log[^1]);
    }

    [Fact]
    public void A_process_that_does_not_end_when_killed_is_given_up()
    {
        GoLive();
        _now = _now.AddMs(10_000);
        Do(() => _relay.HandleTimeout(_now));
        WaitForDeadline();
        WaitForDeadline();
        Assert.Equal("Spawn", _log[^1]);
    }

    [Fact]
    public void A_killed_process_comes_back()
    {
        GoLive();
        Do(() => _relay.HandleEnded(RelayReason.Killed, _now));
        WaitForDeadline();
        Do(() => _relay.HandlePacket(_now));
        Do(() => _relay.HandlePicture());
        Assert.Equal(["Spawn", "Connecting connecting", "Live ", "Reconnecting ffmpeg was killed", "Spawn", "Live "], _log);
    }

    [Fact]
    public void A_process_that_lets_go_of_its_connection_tells_why_by_its_end_or_is_killed()
    {
        GoLive();
        Do(() => _relay.HandlePublisherGone(_now));
        Assert.Equal("Live ", _log[^1]);
        Do(() => _relay.HandleEnded(RelayReason.Killed, _now));
        Assert.Equal("Reconnecting ffmpeg was killed", _log[^1]);
        WaitForDeadline();
        Do(() => _relay.HandlePacket(_now));
        Do(() => _relay.HandlePublisherGone(_now));
        WaitForDeadline();
        Assert.Equal("Kill", _log[^1]);
    }

    [Fact]
    public void A_wrong_password_is_not_tried_again_and_again()
    {
        Do(() => _relay.Start(_now));
        Do(() => _relay.HandleEnded(RelayReason.Unauthorized, _now));
        Assert.Equal("Reconnecting 401 unauthorized: wrong user name or password", _log[^1]);
        Assert.Equal(Instant.Never, _relay.NextDeadline);
        Do(() => _relay.Stop(_now));
        Assert.True(_relay.IsRejected);
        Do(() => _relay.Start(_now));
        Do(() => _relay.Retry(_now));
        Assert.Single(_log, "Spawn");
        Assert.Equal("Reconnecting 401 unauthorized: wrong user name or password", _log[^1]);

        // Asked again when no account is locked any more.
        _now = _now.AddMs(30 * 60 * 1000);
        Do(() => _relay.Start(_now));
        Assert.Equal(2, _log.Count(line => line == "Spawn"));
    }

    [Fact]
    public void A_stream_without_a_key_frame_says_so_and_is_left_as_it_is()
    {
        Do(() => _relay.Start(_now));
        for (var i = 0; i < 300; i++)
        {
            Do(() => _relay.HandlePacket(_now));
            _now = _now.AddMs(100);
            Do(() => _relay.HandleTimeout(_now));
        }

        Assert.Equal(["Spawn", "Connecting connecting", "Explain", "Reconnecting no key frame for 20 s"], _log);
        Do(() => _relay.HandlePicture());
        Assert.Equal("Live ", _log[^1]);
    }

    [Fact]
    public void A_relay_waits_for_its_turn_in_the_site_s_budget_and_a_sibling_s_success_ends_its_waiting()
    {
        var reserved = 0;
        var relay = new CameraRelay(3, RelayMode.Direct, now => now.AddMs(5 * reserved++));
        relay.Start(_now);
        Assert.True(relay.TryPollAction(out _));
        relay.HandleEnded(RelayReason.ConnectionRefused, _now);
        relay.HandleTimeout(_now);
        Assert.False(relay.TryPollAction(out _));
        Assert.Equal(5, relay.NextDeadline.MsSince(_now));
        _now = _now.AddMs(5);
        relay.HandleTimeout(_now);
        Assert.True(relay.TryPollAction(out var action));
        Assert.Equal(RelayAction.Spawn, action);
        relay.HandleEnded(RelayReason.ConnectionRefused, _now);
        Assert.True(relay.NextDeadline.MsSince(_now) >= 800);
        relay.Retry(_now);
        Assert.Equal(10, relay.NextDeadline.MsSince(_now));
        Assert.Equal(3, reserved);
    }

    [Fact]
    public void A_source_that_browsers_cannot_show_is_converted_from_then_on()
    {
        Do(() => _relay.Start(_now));
        Do(() => _relay.HandleUnsuitable(RelayMode.Transcode, _now));
        Do(() => _relay.HandleEnded(RelayReason.Killed, _now));
        WaitForDeadline();
        Assert.Equal(RelayMode.Transcode, _relay.Mode);
        Assert.Equal("Spawn", _log[^1]);
        Do(() => _relay.HandleUnsuitable(RelayMode.Transcode, _now));
        Assert.NotEqual("Kill", _log[^1]);
    }

    [Fact]
    public void A_stopped_relay_kills_its_process_and_stays_silent()
    {
        GoLive();
        Do(() => _relay.Stop(_now));
        Assert.Equal(["Kill", "Stopped stopped"], _log[^2..]);
        Do(() => _relay.HandleEnded(RelayReason.Killed, _now));
        Assert.Equal(Instant.Never, _relay.NextDeadline);
        Assert.Equal("Stopped stopped", _log[^1]);
    }

    [Fact]
    public void A_relay_stopped_while_waiting_never_starts_again()
    {
        Do(() => _relay.Start(_now));
        Do(() => _relay.HandleEnded(RelayReason.SourceEnded, _now));
        Do(() => _relay.Stop(_now));
        Assert.Equal(Instant.Never, _relay.NextDeadline);
    }

    [Fact]
    public void Starting_again_while_the_old_process_ends_waits_for_its_end()
    {
        GoLive();
        Do(() => _relay.Stop(_now));
        Do(() => _relay.Start(_now));
        Assert.Equal("Connecting connecting", _log[^1]);
        Do(() => _relay.HandleEnded(RelayReason.Killed, _now));
        WaitForDeadline();
        Assert.Equal("Spawn", _log[^1]);
    }

    [Fact]
    public void Every_heavier_mode_is_tried_once_and_never_a_lighter_one()
    {
        var relay = new CameraRelay(seed: 7, RelayMode.Direct);
        relay.Start(_now);
        foreach (var mode in new[] { RelayMode.Copy, RelayMode.Transcode })
        {
            relay.HandleUnsuitable(mode, _now);
            relay.HandleEnded(RelayReason.Stopped, _now);
            relay.HandleTimeout(_now);
            Assert.Equal(mode, relay.Mode);
        }

        relay.HandleUnsuitable(RelayMode.Copy, _now);
        Assert.Equal(RelayMode.Transcode, relay.Mode);
    }

    [Theory]
    [InlineData(1, "method DESCRIBE failed: 401 Unauthorized", "401 unauthorized: wrong user name or password")]
    [InlineData(1, "x: Connection refused", "connection refused")]
    [InlineData(1, "method DESCRIBE failed: 404 Not Found", "404 not found: no such stream")]
    [InlineData(1, "x: Cannot allocate memory", "the relay needs more memory than it may take")]
    [InlineData(1, "Connection timed out", "connection timed out")]
    [InlineData(1, "something odd at rtsp://u:p@h/1", "something odd at rtsp://***@h/1")]
    [InlineData(137, null, "ffmpeg was killed")]
    [InlineData(0, null, "the source ended")]
    [InlineData(-1, "No such file", "ffmpeg cannot be started")]
    [InlineData(8, null, "ffmpeg ended with code 8")]
    public void The_reason_is_told_in_words(int exitCode, string? line, string reason) =>
        Assert.Equal(reason, RelayReason.Of(exitCode, line is null ? [] : [line]));

    private void GoLive()
    {
        Do(() => _relay.Start(_now));
        Do(() => _relay.HandlePacket(_now));
        Do(() => _relay.HandlePicture());
    }

    private void WaitForDeadline()
    {
        _now = _relay.NextDeadline;
        Do(() => _relay.HandleTimeout(_now));
    }

    private void Do(Action input)
    {
        input();
        while (_relay.TryPollAction(out var action))
        {
            _log.Add(action.ToString());
            if (action == RelayAction.Explain)
            {
                _relay.HandleDark(RelayReason.NoKeyFrame);
            }
        }

        while (_relay.TryPollState(out var state))
        {
            _log.Add($"{state.State} {state.Reason}");
        }
    }
}
