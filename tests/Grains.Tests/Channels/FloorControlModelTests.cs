using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Comms.Support;
using Xunit;

namespace Comms.Grains.Tests.Channels;

/// <summary>Random walks beside a model that is nothing but the sentences of the rules.</summary>
public sealed class FloorControlModelTests
{
    private const int Walks = 300;
    private const int StepsPerWalk = 400;

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan TalkLimit = TimeSpan.FromSeconds(15);

    [Fact]
    public void Random_walks_keep_every_invariant()
    {
        for (ulong seed = 1; seed <= Walks; seed++)
        {
            new Walk(seed).Run();
        }
    }

    /// <summary>One walk: the floor, the model of it, and the clock.</summary>
    private sealed class Walk(ulong seed)
    {
        private readonly FloorControl _floor = new(Start);
        private SeededRandom _random = new(seed);
        private DateTimeOffset _now = Start;
        private string? _holder;
        private DateTimeOffset _leaseEnds;
        private DateTimeOffset _limitEnds;
        private long _lastEpoch;
        private long _lastBurst;
        private int _granted;
        private int _ended;

        public void Run()
        {
            for (int step = 0; step < StepsPerWalk; step++)
            {
                _now += TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? _random.Next(6000) : _random.Next(50));
                Step();
                Check(step);
            }

            _floor.HandleTimeout(_now + Lease);
            Drain();
            Assert.True(_granted == _ended, $"Seed {seed}: {_granted} granted, {_ended} ended.");
        }

        private void Step()
        {
            string unit = $"u{_random.Next(4)}";
            switch (_random.Next(5))
            {
                case 0:
                    Lapse();
                    FloorDecision expected = _holder is null || _holder == unit ? FloorDecision.Granted : FloorDecision.Denied;
                    Assert.Equal(expected, _floor.Request(Party(unit), new FloorTerms(Lease, TalkLimit), _now));
                    if (expected == FloorDecision.Granted)
                    {
                        _limitEnds = _holder is null ? _now + TalkLimit : _limitEnds;
                        _leaseEnds = _now + Lease;
                        _holder = unit;
                    }

                    break;
                case 1:
                    long burst = _random.Next(3) == 0 ? _floor.BurstId - 1 : _floor.BurstId;
                    bool ends = _holder == unit && burst == _floor.BurstId;
                    Assert.Equal(ends, _floor.Release(new FloorRelease(unit, "s1", burst, FloorReleaseCause.Released, Actor.System), _now));
                    _holder = ends ? null : _holder;
                    break;
                case 2:
                    Lapse();
                    bool renews = _holder is not null;
                    Assert.Equal(renews, _floor.Renew(_floor.BurstId, "n1", Lease, _now));
                    _leaseEnds = renews ? _now + Lease : _leaseEnds;
                    break;
                case 3:
                    Lapse();
                    _floor.HandleTimeout(_now);
                    break;
                default:
                    if (_random.Next(10) == 0)
                    {
                        Assert.Equal(_holder is not null, _floor.Revoke(FloorRevokeCause.Preempted, _now));
                        _holder = null;
                    }

                    break;
            }
        }

        private void Lapse() => _holder = _leaseEnds <= _now || _limitEnds <= _now ? null : _holder;

        private void Check(int step)
        {
            string where = $"Seed {seed}, step {step}";
            Assert.True(_holder == _floor.Holder?.UnitId, $"{where}: expected {_holder ?? "idle"}, is {_floor.Holder?.UnitId ?? "idle"}.");
            Assert.True(_floor.Epoch >= _lastEpoch && _floor.BurstId >= _lastBurst, $"{where}: an id went back.");
            Assert.True(_floor.NextDeadline is null == _floor.Holder is null, $"{where}: a holder without deadline, or the reverse.");
            Drain();
            Assert.True(_granted - _ended == (_floor.Holder is null ? 0 : 1), $"{where}: {_granted} granted, {_ended} ended.");
            (_lastEpoch, _lastBurst) = (_floor.Epoch, _floor.BurstId);
        }

        private void Drain()
        {
            while (_floor.TryPollEvent(out FloorEvent? told))
            {
                _granted += told is FloorGranted ? 1 : 0;
                _ended += told is FloorReleased or FloorRevoked ? 1 : 0;
            }
        }

        private static FloorHolder Party(string unit) => new(unit, unit, "单位", "Unit", UnitService.Police, "n1", "s1");
    }
}
