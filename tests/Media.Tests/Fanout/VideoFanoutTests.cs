using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Wire.H264;
using Xunit;

namespace Comms.Media.Tests.Fanout;

public sealed class VideoFanoutTests : IVideoFanoutLoop, IVideoFeedOwner
{
    private const int FrameMs = 40;
    private const int FrameTicks = FrameMs * 90;
    private const int FramesPerGroup = 50;
    private static readonly byte[] Sps = Convert.FromHexString("6742c01ed900a02ff93011000003000100000300320f162e48");
    private static readonly byte[] Pps = Convert.FromHexString("68cb83cb20");

    private readonly VideoBlockPool _pool = new(64 << 20);
    private readonly DropCounters _drops = new();
    private readonly VideoFanout _fanout;
    private readonly VideoFeed _feed;
    private readonly List<IVideoViewer> _gone = [];
    private readonly List<IVideoViewer> _unable = [];
    private Instant _now = new(1_000_000_000);
    private Instant _due = Instant.Never;
    private bool _isSoon;
    private uint _timestamp = uint.MaxValue - 20_000;
    private ushort _sequence;
    private int _frame;

    public VideoFanoutTests()
    {
        _fanout = new VideoFanout(new VideoPacketStore(_pool, new VideoStoreLimits()), this, _drops);
        _feed = new VideoFeed(_fanout, this);
    }

    private int FirstPictures { get; set; }

    private int Reorderings { get; set; }

    private int Intervals { get; set; }

    void IVideoFanoutLoop.RunSoon(VideoFanout fanout) => _isSoon = true;

    void IVideoFanoutLoop.RunAt(VideoFanout fanout, Instant due) => _due = due;

    void IVideoFanoutLoop.HandleViewerGone(VideoFanout fanout, IVideoViewer viewer) => _gone.Add(viewer);

    void IVideoFanoutLoop.HandleCannotShow(VideoFanout fanout, IVideoViewer viewer) => _unable.Add(viewer);

    void IVideoFeedOwner.HandleFirstPicture(Instant now) => FirstPictures++;

    void IVideoFeedOwner.HandleReordering(Instant now) => Reorderings++;

    void IVideoFeedOwner.HandleKeyFrameInterval(Instant now) => Intervals++;

    [Fact]
    public void A_new_viewer_gets_the_cached_group_first_and_catches_up_with_live()
    {
        SendFrames(40);
        var viewer = Watch();
        Assert.Equal(Pps, viewer.Sent[0].Payload[^Pps.Length..]);

        var joined = _now;
        SendFrames(40);

        var units = viewer.Sent.Where(packet => packet.Marker).ToList();
        Assert.Equal(80, units.Count);
        Assert.True(units[41].At.MsSince(joined) < 800);
        Assert.All(units.Zip(units.Skip(1)), pair => Assert.True((int)(pair.Second.Timestamp - pair.First.Timestamp) > 0));
        AssertSequenceIsWhole(viewer);

        // Live latency: the last picture's timestamp is as far from the first as the clock says.
        var span = (uint)(units[^1].Timestamp - units[0].Timestamp);
        Assert.InRange((double)span / 90, _now.MsSince(joined) - 2 * FrameMs, _now.MsSince(joined) + FrameMs);
        Assert.All(units.Skip(60).Zip(units.Skip(61)), pair => Assert.Equal((uint)FrameTicks, pair.Second.Timestamp - pair.First.Timestamp));
    }

    [Fact]
    public void Time_between_key_frames_is_told_when_it_is_known_and_not_again_while_it_stays()
    {
        SendFrames(FramesPerGroup);
        Assert.Equal(0, Intervals);
        SendFrames(3 * FramesPerGroup);
        Assert.Equal(1, Intervals);
        Assert.Equal(FramesPerGroup * FrameMs, _feed.KeyFrameIntervalMs);
    }

    [Fact]
    public void The_burst_of_a_cached_group_is_paced()
    {
        SendFrames(40, 20_000);
        var viewer = Watch();
        var atOnce = viewer.Sent.Sum(packet => packet.Payload.Length);
        Assert.InRange(atOnce, 20_000, 120_000);
    }

    [Fact]
    public void A_viewer_of_a_cold_feed_starts_with_the_next_key_frame()
    {
        var viewer = Watch();
        SendFrames(1);
        Assert.NotEmpty(viewer.Sent);
        Assert.Equal(NalUnitType.StapA, NalUnit.TypeOf(viewer.Sent[0].Payload[0]));
        Assert.Equal(1, FirstPictures);
    }

    [Fact]
    public void A_viewer_keeps_its_old_picture_until_the_new_feed_has_a_key_frame()
    {
        var former = new VideoFanout(new VideoPacketStore(_pool, new VideoStoreLimits()), this, _drops);
        var viewer = new RecordingVideoViewer(1);
        former.AddViewer(viewer, _now);
        // The former feed ran ahead of the node's clock.
        uint ahead = VideoTimeline.TimestampAt(_now) + 90_000;
        viewer.Sent.Add((64_999, ahead, true, [], _now));

        _fanout.AddViewer(viewer, _now);
        Assert.Same(former, viewer.Feed);
        Assert.Equal(1, former.ViewerCount);

        SendFrames(1);
        Assert.Same(_fanout, viewer.Feed);
        Assert.Null(viewer.NextFeed);
        Assert.Equal([viewer], _gone);
        Assert.Equal(0, former.ViewerCount);
        Assert.True((int)(viewer.Sent[1].Timestamp - ahead) > 0);
    }

    [Fact]
    public void A_source_that_stands_still_is_not_played_again_however_often_its_viewer_asks()
    {
        SendFrames(10);
        var viewer = Watch();
        SendFrames(40);
        Run(2_100);
        int sent = viewer.Sent.Count;
        for (int i = 0; i < 5; i++)
        {
            _fanout.OnKeyFrameWanted(viewer, _now);
            Run(1_100);
        }

        Assert.Equal(sent, viewer.Sent.Count);
        SendFrames(1);
        Assert.True(viewer.Sent.Count > sent);
    }

    [Fact]
    public void A_viewer_that_is_not_connected_yet_starts_when_it_is()
    {
        SendFrames(10);
        var viewer = new RecordingVideoViewer(1) { IsConnected = false };
        _fanout.AddViewer(viewer, _now);
        SendFrames(10);
        Assert.Empty(viewer.Sent);
        viewer.IsConnected = true;
        Run(10);
        Assert.NotEmpty(viewer.Sent);
        AssertSequenceIsWhole(viewer);
    }

    [Fact]
    public void A_lost_packet_is_sent_again_exactly_as_it_was()
    {
        SendFrames(20);
        var viewer = Watch();
        SendFrames(20);
        foreach (var index in new[] { 0, 3, viewer.Sent.Count / 2, viewer.Sent.Count - 1 })
        {
            var lost = viewer.Sent[index];
            _fanout.OnPacketMissed(viewer, lost.Sequence, _now);
            var again = viewer.Resent[^1];
            Assert.Equal((lost.Sequence, lost.Timestamp, lost.Marker), (again.Sequence, again.Timestamp, again.Marker));
            Assert.Equal(lost.Payload, again.Payload);
        }
    }

    [Fact]
    public void A_number_that_was_never_sent_or_is_too_old_is_not_sent_again()
    {
        var viewer = Watch();
        SendFrames(3 * FramesPerGroup);
        _fanout.OnPacketMissed(viewer, viewer.Sent[0].Sequence, _now);
        _fanout.OnPacketMissed(viewer, (ushort)(viewer.Sent[^1].Sequence + 500), _now);
        Assert.Empty(viewer.Resent);
        Assert.Equal(2, _drops[DropReason.NotInHistory]);
    }

    [Fact]
    public void Retransmissions_are_limited_per_viewer()
    {
        var viewer = Watch();
        SendFrames(20);
        for (var i = 0; i < 5000; i++)
        {
            _fanout.OnPacketMissed(viewer, viewer.Sent[^1].Sequence, _now);
        }

        Assert.InRange(viewer.Resent.Count, 1, 300);
    }

    [Fact]
    public void A_viewer_that_cannot_decode_is_served_from_the_cache()
    {
        var viewer = Watch();
        SendFrames(FramesPerGroup + 30);
        var before = viewer.Sent.Count;
        _fanout.OnKeyFrameWanted(viewer, _now);
        SendFrames(15);
        Assert.Equal(NalUnitType.StapA, NalUnit.TypeOf(viewer.Sent[before].Payload[0]));
        AssertSequenceIsWhole(viewer);
        Assert.All(viewer.Sent.Zip(viewer.Sent.Skip(1)), pair => Assert.True((int)(pair.Second.Timestamp - pair.First.Timestamp) >= 0));
        _fanout.OnKeyFrameWanted(viewer, _now);
        Assert.Equal(1, _fanout.Counters.Rewinds);
    }

    [Fact]
    public void A_group_beyond_the_bound_is_not_cached_but_still_sent()
    {
        var fanout = new VideoFanout(new VideoPacketStore(_pool, new VideoStoreLimits { MaxBytes = 30_000 }), this, _drops);
        var feed = new VideoFeed(fanout, this);
        var viewer = new RecordingVideoViewer(1);
        fanout.AddViewer(viewer, _now);
        SendFrames(40, 3000, feed);
        Assert.Equal(40, viewer.Sent.Count(packet => packet.Marker));
        var late = new RecordingVideoViewer(2);
        fanout.AddViewer(late, _now);
        Assert.Empty(late.Sent);
        Assert.InRange(fanout.CachedBytes, 1, 30_000);
    }

    [Fact]
    public void Memory_goes_back_to_the_pool()
    {
        var viewer = Watch();
        SendFrames(3 * FramesPerGroup, 3000);
        Assert.True(_pool.UsedBytes > 100_000);
        _fanout.RemoveViewer(viewer, _now);
        Assert.Null(viewer.Feed);
        SendFrames(FramesPerGroup);
        _fanout.Clear();
        Assert.Equal(0, _pool.UsedBytes);
    }

    [Fact]
    public void An_exhausted_pool_costs_cached_pictures_and_nothing_else()
    {
        var pool = new VideoBlockPool(4 * VideoBlockPool.BlockBytes);
        var fanout = new VideoFanout(new VideoPacketStore(pool, new VideoStoreLimits()), this, _drops);
        var feed = new VideoFeed(fanout, this);
        var viewer = new RecordingVideoViewer(1);
        fanout.AddViewer(viewer, _now);
        SendFrames(3 * FramesPerGroup, 3000, feed);
        Assert.Equal(3 * FramesPerGroup, viewer.Sent.Count(packet => packet.Marker));
        Assert.InRange(pool.UsedBytes, 1, 4 * VideoBlockPool.BlockBytes);
    }

    [Fact]
    public void A_source_that_begins_anew_continues_the_timeline()
    {
        var viewer = Watch();
        SendFrames(20);
        var last = viewer.Sent[^1].Timestamp;
        Advance(3000);
        _feed.Restart(null);
        _timestamp = 77;
        _sequence = 4000;
        _frame = 0;
        SendFrames(5);
        var first = viewer.Sent.First(packet => packet.At.MsSince(_now) > -5 * FrameMs - 1 && packet.Timestamp != last);
        Assert.InRange((double)(first.Timestamp - last) / 90, 2900, 3200);
        AssertSequenceIsWhole(viewer);
    }

    [Fact]
    public void Another_loop_gets_one_copy_and_serves_its_own_viewers()
    {
        SendFrames(20);
        var remote = new VideoFanout(new VideoPacketStore(new VideoBlockPool(64 << 20), new VideoStoreLimits()), this, _drops);
        var carrier = new DirectCarrier(() => _now) { RefuseEvery = 7 };
        var viewer = new RecordingVideoViewer(1);
        remote.AddViewer(viewer, _now);
        _fanout.AddCarriage(carrier, 1, remote, _now);
        SendFrames(30, also: remote);
        Assert.Equal(50, viewer.Sent.Count(packet => packet.Marker));
        AssertSequenceIsWhole(viewer);
    }

    [Fact]
    public void Reordered_pictures_are_reported_once()
    {
        SendFrames(1);
        for (var i = 0; i < 3; i++)
        {
            byte[] high = Convert.FromHexString("019e426c00ff");
            _feed.HandlePayload(high, _sequence++, _timestamp += FrameTicks, true, _now);
        }

        // The set says "baseline", which has no such slices: only a stream whose set allows reordering is reported.
        Assert.Equal(0, Reorderings);
        _feed.Restart($"{Convert.ToBase64String(Convert.FromHexString("6764001eacd940a02ff93011000003000100000300320f162d96"))},aOvjyyLA");
        _feed.HandlePayload([0x65, 0x88, 1, 2, 3], _sequence++, _timestamp += FrameTicks, true, _now);
        _feed.HandlePayload(Convert.FromHexString("019e426c00ff"), _sequence++, _timestamp += FrameTicks, true, _now);
        _feed.HandlePayload(Convert.FromHexString("019e426c00ff"), _sequence++, _timestamp += FrameTicks, true, _now);
        Assert.Equal(1, Reorderings);
    }

    [Fact]
    public void A_session_that_ends_is_reported_and_forgotten()
    {
        var viewer = Watch();
        _fanout.OnViewerGone(viewer, _now);
        Assert.Same(viewer, Assert.Single(_gone));
        Assert.True(_fanout.IsUnused);
    }

    [Fact]
    public void Forwarding_allocates_nothing()
    {
        var viewers = Enumerable.Range(1, 20).Select(id => new RecordingVideoViewer(id) { Records = false }).ToList();
        viewers.ForEach(viewer => _fanout.AddViewer(viewer, _now));
        var frames = Enumerable.Range(0, FramesPerGroup).Select(frame => Frame(frame, 4000)).ToArray();
        long before = 0;
        for (var round = 0; round < 6; round++)
        {
            before = round == 3 ? GC.GetAllocatedBytesForCurrentThread() : before;
            foreach (var frame in frames)
            {
                Send(_feed, frame);
                Advance(FrameMs);
            }
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 512);
        Assert.True(_fanout.Counters.Sent > 20 * 6 * FramesPerGroup);
    }

    private static void AssertSequenceIsWhole(RecordingVideoViewer viewer) =>
        Assert.All(viewer.Sent.Zip(viewer.Sent.Skip(1)), pair => Assert.Equal((ushort)(pair.First.Sequence + 1), pair.Second.Sequence));

    private RecordingVideoViewer Watch()
    {
        var viewer = new RecordingVideoViewer(1);
        _fanout.AddViewer(viewer, _now);
        return viewer;
    }

    private static byte[][] Frame(int frame, int bytes)
    {
        var isKey = frame % FramesPerGroup == 0;
        var slice = new byte[bytes];
        Array.Fill(slice, (byte)(1 + frame % 200));
        slice[0] = (byte)(isKey ? 0x65 : 0x41);
        slice[1] = 0x9A;
        var packets = new List<byte[]>();
        if (isKey)
        {
            packets.AddRange([Sps, Pps]);
        }

        var sets = new ParameterSets();
        var payload = new byte[H264Packetizer.MaxPayloadBytes];
        for (var packetizer = new H264Packetizer(new AccessUnit(slice, [new NalRange(0, bytes)], 0, false), sets); packetizer.HasMore;)
        {
            packets.Add(payload[..packetizer.WriteNext(payload)]);
        }

        return [.. packets];
    }

    private void SendFrames(int count, int bytes = 2500, VideoFeed? feed = null, VideoFanout? also = null)
    {
        for (var i = 0; i < count; i++)
        {
            Send(feed ?? _feed, Frame(_frame++, bytes));
            Advance(FrameMs, also);
        }
    }

    private void Send(VideoFeed feed, byte[][] packets)
    {
        _timestamp += FrameTicks;
        for (var i = 0; i < packets.Length; i++)
        {
            feed.HandlePayload(packets[i], _sequence++, _timestamp, i == packets.Length - 1, _now);
        }
    }

    private void Run(int milliseconds) => Advance(milliseconds);

    private void Advance(int milliseconds, VideoFanout? also = null)
    {
        for (var i = 0; i < milliseconds; i++)
        {
            _now = _now.AddMs(1);
            if (_isSoon || _due <= _now)
            {
                _isSoon = false;
                _due = Instant.Never;
                _isSoon |= _fanout.Pump(_now);
                _isSoon |= also?.Pump(_now) ?? false;
            }
        }
    }

    private sealed class DirectCarrier(Func<Instant> now) : IFrameCarrier
    {
        private int _count;

        public int RefuseEvery { get; init; }

        public int Loop => 0;

        public int LoopCount => 2;

        public bool TryCarry(int toLoop, IFrameReceiver receiver, in FrameHeader header, ReadOnlySpan<byte> payload)
        {
            if (++_count % RefuseEvery == 0)
            {
                return false;
            }

            receiver.OnFrame(header, payload, now());
            return true;
        }
    }
}
