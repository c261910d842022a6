using Comms.Media.Audio;
using Comms.Media.Numbers;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Audio;

public class JitterBufferTests
{
    private const int Frame = 160;

    private readonly JitterBuffer _buffer = new(new JitterBufferSettings { TicksPerSecond = 8_000, MaxPayloadBytes = 480 });
    private Instant _now = new(9_000_000_000);

    [Fact]
    public void A_burst_begins_to_play_after_the_target_delay()
    {
        Insert(0, marker: true);
        Assert.Equal(_now.AddMs(40), _buffer.ReadyAt);
        Assert.Equal("-", Take());
        Wait(20);
        Insert(1);
        Wait(20);
        Assert.Equal("0", Take());
        Assert.Equal("1", Take());
    }

    [Fact]
    public void Speech_that_was_kept_before_the_grant_plays_at_once()
    {
        for (int frame = 0; frame < 25; frame++) Assert.Equal(DropReason.None, Insert(frame, marker: frame == 0));
        Assert.Equal("0", Take());
        Assert.Equal("1", Take());
    }

    [Fact]
    public void Reordered_packets_play_in_order()
    {
        Fill(0, 2, 1, 3);
        Assert.Equal(["0", "1", "2", "3"], Take(4));
    }

    [Fact]
    public void Timestamps_wrap()
    {
        uint start = 0xFFFF_FFFF - Frame;
        for (int frame = 0; frame < 4; frame++) _buffer.Insert([(byte)frame], start + (uint)(frame * Frame), Frame, frame == 0, 1, _now);
        Wait(40);
        Assert.Equal(["0", "1", "2", "3"], Take(4));
    }

    [Fact]
    public void A_duplicate_is_dropped_and_so_is_a_late_packet()
    {
        Fill(0, 1, 2);
        Assert.Equal(DropReason.Duplicate, Insert(2));
        Take(2);
        Assert.Equal(DropReason.Late, Insert(1));
        Assert.Equal(1, _buffer.Drops[DropReason.Duplicate]);
        Assert.Equal(1, _buffer.Drops[DropReason.Late]);
    }

    [Fact]
    public void A_lost_packet_is_concealed_and_its_follower_shown_for_its_redundancy()
    {
        Fill(0, 1, 4, 5);
        Assert.Equal(["0", "1", "conceal", "conceal before 4", "4", "5"], Take(6));
    }

    [Fact]
    public void Starving_conceals_for_60_ms_and_then_rests()
    {
        Fill(0, 1);
        Assert.Equal(["0", "1", "conceal", "conceal", "conceal", "-"], Take(6));
        Assert.Equal(Instant.Never, _buffer.ReadyAt);
    }

    [Fact]
    public void A_late_packet_after_starving_is_played_and_not_lost()
    {
        Fill(0, 1);
        Take(2);
        Assert.Equal("conceal", Take());
        Insert(2);
        Assert.Equal("2", Take());
    }

    [Fact]
    public void A_loss_that_was_covered_by_starving_is_not_covered_twice()
    {
        Fill(0, 1);
        Take(2);
        Assert.Equal("conceal", Take());
        Insert(3);
        Assert.Equal("3", Take());
    }

    [Fact]
    public void The_end_of_a_burst_is_not_concealed()
    {
        Fill(0, 1);
        _buffer.EndBurst();
        Assert.Equal(["0", "1", "-"], Take(3));
    }

    [Fact]
    public void Silence_between_two_spurts_is_not_concealed()
    {
        Fill(0, 1);
        Take(2);
        _buffer.Insert([9], 20 * Frame, Frame, true, 1, _now);
        Assert.Equal("-", Take());
        Assert.Equal(_now.AddMs(_buffer.TargetMs), _buffer.ReadyAt);
        Wait(_buffer.TargetMs);
        Assert.Equal("9", Take());
    }

    [Fact]
    public void Another_stream_replaces_the_first_at_once()
    {
        Fill(0, 1, 2);
        Take();
        _buffer.Insert([7], 123_456_789, Frame, true, stream: 2, _now);
        Assert.Equal(2, _buffer.Drops[DropReason.StaleBurst]);
        Wait(40);
        Assert.Equal("7", Take());
    }

    [Fact]
    public void A_second_burst_of_the_same_stream_may_begin_at_an_earlier_timestamp()
    {
        for (int frame = 50; frame < 53; frame++) Insert(frame, marker: frame == 50);
        Wait(40);
        _buffer.EndBurst();
        Assert.Equal(["50", "51", "52", "-"], Take(4));
        Wait(1_000);
        Assert.Equal(DropReason.None, Insert(10, marker: true));
        Wait(40);
        Assert.Equal("10", Take());
    }

    [Fact]
    public void The_target_follows_the_jitter_and_stays_within_its_bounds()
    {
        Play(frames: 400, jitterMs: 0);
        Assert.Equal(20, _buffer.TargetMs);
        Play(frames: 400, jitterMs: 100);
        Assert.InRange(_buffer.TargetMs, 80, 110);
        Play(frames: 400, jitterMs: 500);
        Assert.Equal(200, _buffer.TargetMs);
        Play(frames: 2_000, jitterMs: 10);
        Assert.InRange(_buffer.TargetMs, 20, 40);
    }

    [Fact]
    public void A_sender_whose_clock_is_fast_does_not_fill_the_buffer()
    {
        // One part in a hundred: twenty seconds would gather 200 ms.
        for (int frame = 0; frame < 1_000; frame++)
        {
            Insert(frame, marker: frame == 0);
            if (frame >= 2 && frame % 100 != 0) Take(isQuiet: true);
            Wait(20);
        }

        Assert.InRange(_buffer.LevelMs, 0, 120);
        Assert.InRange(_buffer.Drops[DropReason.BufferFull], 5, 12);
    }

    [Fact]
    public void A_full_buffer_gives_up_its_oldest()
    {
        for (int frame = 0; frame < 65; frame++) Assert.Equal(DropReason.None, Insert(frame));
        Assert.Equal(1, _buffer.Drops[DropReason.BufferFull]);
    }

    [Fact]
    public void Nothing_is_allocated_per_packet()
    {
        var random = new SeededRandom(3);
        long before = 0;
        byte[] payload = new byte[160];
        for (int frame = 0; frame < 5_000; frame++)
        {
            if (frame == 1_000) before = GC.GetAllocatedBytesForCurrentThread();
            if (random.Next(10) > 0)
                _buffer.Insert(payload, (uint)(frame - random.Next(3)) * Frame, Frame, random.Next(100) == 0, frame / 500, _now);
            _buffer.Take(_now, random.Next(2) == 0);
            Wait(20);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Whatever_arrives_whenever_playing_goes_on()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var random = new SeededRandom(seed);
            var buffer = new JitterBuffer(new JitterBufferSettings { TicksPerSecond = 8_000, MaxPayloadBytes = 480 });
            uint timestamp = (uint)random.Next(int.MaxValue) * 2;
            for (int i = 0; i < 1_000; i++)
            {
                timestamp += (uint)(random.Next(50) == 0 ? random.Next(40_000) - 20_000 : Frame);
                int duration = random.Next(30) == 0 ? random.Next(481) : Frame;
                buffer.Insert(new byte[duration], timestamp - (uint)random.Next(3) * Frame, duration, random.Next(60) == 0, random.Next(200) / 199, _now);
                for (int takes = random.Next(3); takes > 0; takes--) buffer.Take(_now, random.Next(2) == 0);
                Wait(random.Next(40));
                Assert.InRange(buffer.LevelMs, 0, 64 * 60);
            }

            buffer.EndBurst();
            int left = 0;
            while (buffer.Take(_now.AddMs(10_000), false).Kind != JitterBufferStepKind.Rest) Assert.True(++left < 2_000, $"seed {seed}");
        }
    }

    private void Play(int frames, int jitterMs)
    {
        var random = new SeededRandom((ulong)jitterMs);
        Instant start = _now;
        var arrivals = Enumerable.Range(0, frames)
            .Select(frame => (Frame: frame, At: start.AddMs(frame * 20 + (jitterMs == 0 ? 0 : random.Next(jitterMs)))))
            .OrderBy(packet => packet.At.Nanoseconds).ToList();
        uint first = (uint)start.Milliseconds * 8;
        foreach (var (frame, at) in arrivals)
        {
            _now = at;
            _buffer.Insert([0], first + (uint)(frame * Frame), Frame, frame == 0, start.Milliseconds, at);
            _buffer.Take(at, true);
        }

        Wait(1_000);
    }

    private void Fill(params int[] frames)
    {
        foreach (int frame in frames) Insert(frame, marker: frame == 0);
        Wait(40);
    }

    private DropReason Insert(int frame, bool marker = false) => _buffer.Insert([(byte)frame], (uint)(frame * Frame), Frame, marker, 1, _now);

    private string[] Take(int count) => [.. Enumerable.Range(0, count).Select(_ => Take())];

    private string Take(bool isQuiet = false)
    {
        JitterBufferStep step = _buffer.Take(_now, isQuiet);
        return step.Kind switch
        {
            JitterBufferStepKind.Decode => $"{step.Payload[0]}",
            JitterBufferStepKind.Conceal => step.Payload.IsEmpty ? "conceal" : $"conceal before {step.Payload[0]}",
            _ => "-",
        };
    }

    private void Wait(int milliseconds) => _now = _now.AddMs(milliseconds);
}
