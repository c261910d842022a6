using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Xunit;

namespace Comms.Media.Tests.Node;

/// <summary>Handshakes in a storm: a budget per turn, those that have begun first, a bound, everything by a clock that the test moves.</summary>
public sealed class HandshakeQueueTests : IDisposable
{
    private const long StepNs = 500_000;
    private readonly DropCounters _drops = new();
    private readonly List<string> _order = [];
    private readonly List<byte> _bytes = [];
    private readonly HandshakeQueue _queue;
    private Instant _now = new(1_000_000_000);
    private bool _voiceWaits;
    private int _scheduled;

    public HandshakeQueueTests() => _queue = new HandshakeQueue(_ => _scheduled++, () => _now, () => _voiceWaits, _drops);

    [Fact]
    public void A_turn_takes_two_milliseconds_of_handshakes_and_leaves_the_rest()
    {
        for (int i = 0; i < 10; i++) Add(new Peer(this, $"{i}"));

        Assert.Equal(LoopWorkState.More, _queue.RunSlice(_now));

        Assert.Equal(4, _order.Count);
        Assert.Equal(6, _queue.Waiting);
        Assert.Equal(1, _queue.Deferrals);
        Assert.Equal(10, _scheduled);
    }

    [Fact]
    public void While_voice_waits_handshakes_get_a_quarter_of_the_time()
    {
        for (int i = 0; i < 1_000; i++) Add(new Peer(this, $"{i}"));
        _voiceWaits = true;
        Instant start = _now;
        long voiceNs = 0;
        long longestNs = 0;

        while (_now.Nanoseconds - start.Nanoseconds < 300_000_000)
        {
            Instant before = _now;
            _queue.RunSlice(_now);
            longestNs = Math.Max(longestNs, _now.Nanoseconds - before.Nanoseconds);
            _now = new Instant(_now.Nanoseconds + 800_000);
            voiceNs += 800_000;
        }

        Assert.InRange(voiceNs / (double)(_now.Nanoseconds - start.Nanoseconds), 0.73, 0.78);
        Assert.InRange(longestNs, 1, HandshakeBudget.SliceNanoseconds + StepNs);
    }

    [Fact]
    public void A_handshake_that_has_begun_goes_before_new_ones()
    {
        var begun = new Peer(this, "begun") { HandshakeStage = HandshakeStage.Begun };
        Add(new Peer(this, "new"));
        Add(begun);

        _queue.RunSlice(_now);

        Assert.Equal(["begun", "new"], _order);
    }

    [Fact]
    public void New_handshakes_wait_while_as_many_as_may_be_are_in_progress()
    {
        for (int i = 0; i < HandshakeQueue.MaxBegun + 2; i++) Add(new Peer(this, $"{i}"));
        while (_queue.RunSlice(_now) == LoopWorkState.More)
        {
        }

        Assert.Equal(HandshakeQueue.MaxBegun, _queue.InProgress);
        Assert.Equal(2, _queue.Waiting);
        int before = _scheduled;

        _queue.OnOver();

        Assert.Equal(before + 1, _scheduled);
        _queue.RunSlice(_now);
        Assert.Equal(1, _queue.Waiting);
        Assert.Equal(HandshakeQueue.MaxBegun, _queue.InProgress);
    }

    [Fact]
    public void Over_the_bound_the_oldest_gives_way_and_is_counted()
    {
        for (int i = 0; i <= HandshakeQueue.Capacity; i++) Add(new Peer(this, $"{i}"));

        Assert.Equal(HandshakeQueue.Capacity, _queue.Waiting);
        Assert.Equal(1, _drops[DropReason.HandshakeBacklog]);
        _queue.RunSlice(_now);
        Assert.Equal("1", _order[0]);
    }

    [Fact]
    public void A_peer_that_repeats_itself_takes_no_more_than_its_places()
    {
        var peer = new Peer(this, "loud");
        for (int i = 0; i < 20; i++) Add(peer);

        Assert.Equal(HandshakeQueue.MaxPerSession, _queue.Waiting);
        while (_queue.RunSlice(_now) == LoopWorkState.More)
        {
        }

        Assert.Equal(0, peer.WaitingDatagrams);
        Assert.Equal(HandshakeQueue.MaxPerSession, _order.Count);
    }

    [Fact]
    public void Each_peer_gets_its_own_bytes()
    {
        for (int i = 0; i < 3; i++) _queue.Add(new Peer(this, $"{i}"), new byte[] { 22, (byte)i }, default);

        while (_queue.RunSlice(_now) == LoopWorkState.More)
        {
        }

        Assert.Equal([0, 1, 2], _bytes);
    }

    public void Dispose() => _queue.Dispose();

    private void Add(Peer peer) => _queue.Add(peer, new byte[] { 22, 0 }, default);

    /// <summary>A session whose every step takes half a millisecond.</summary>
    private sealed class Peer(HandshakeQueueTests test, string name) : IHandshaker
    {
        public HandshakeStage HandshakeStage { get; set; }

        public int WaitingDatagrams { get; set; }

        public void Handshake(Span<byte> datagram, in NetworkPath path, Instant now)
        {
            HandshakeStage = HandshakeStage.Begun;
            test._order.Add(name);
            test._bytes.Add(datagram[1]);
            test._now = new Instant(test._now.Nanoseconds + StepNs);
        }
    }
}
