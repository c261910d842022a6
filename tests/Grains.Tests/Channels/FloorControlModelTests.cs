using Comms.Grains.Channels;
using Comms.Grains.Contracts;
using Comms.Support;
using Xunit;

namespace Comms.Grains.Tests.Channels;

/// <summary>
/// Random walks over every input of the floor, with random terms, checked after each step against what must always hold: never
/// two holders, every grant ends once, nobody waits for an idle floor, everyone who waits is granted, gives up or is taken out,
/// nobody is passed for ever, and a lease that lapses ends its burst.
/// </summary>
public sealed class FloorControlModelTests
{
    private const int Walks = 600;
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

    /// <summary>One walk: the floor, what its events say of it, and the clock.</summary>
    private sealed class Walk
    {
        private readonly ulong _seed;
        private readonly FloorTerms _terms;
        private readonly FloorControl _floor;
        private readonly Dictionary<string, int> _passed = [];
        private readonly HashSet<string> _waiting = [];
        private SeededRandom _random;
        private DateTimeOffset _now = Start;
        private DateTimeOffset _renewedAt = Start;
        private DateTimeOffset _grantedAt = Start;
        private string? _talker;
        private long _lastEpoch;
        private long _lastBurst;
        private int _step;

        public Walk(ulong seed)
        {
            _seed = seed;
            _random = new SeededRandom(seed);
            _terms = new FloorTerms(
                Lease, TalkLimit, TimeSpan.FromMilliseconds(_random.Next(2) * 1500), _random.Next(4) * 2,
                (FloorPreemption)_random.Next(3), TimeSpan.Zero);
            _floor = new FloorControl(_terms, Start);
        }

        public void Run()
        {
            for (_step = 0; _step < StepsPerWalk; _step++)
            {
                _now += TimeSpan.FromMilliseconds(_random.Next(3) == 0 ? _random.Next(6000) : _random.Next(50));
                Step();
                Check();
            }

            RunOut();
        }

        private void Step()
        {
            string unit = $"u{_random.Next(8)}";
            switch (_random.Next(12))
            {
                case < 4:
                    Request(unit);
                    break;
                case < 6:
                    long burst = _random.Next(3) == 0 ? _floor.BurstId - 1 : _random.Next(2) == 0 ? 0 : _floor.BurstId;
                    bool ends = _floor.Holder?.UnitId == unit ? burst is 0 || burst == _floor.BurstId : burst == 0 && IsQueued(unit);
                    Assert.True(ends == _floor.Release(new FloorRelease(unit, "s1", burst, FloorReleaseCause.Released, Actor.System), _now), Where());
                    break;
                case < 8:
                    if (_floor.Renew(_floor.BurstId, "n1", _now))
                    {
                        _renewedAt = _now;
                    }

                    _floor.RenewWaiting("n1", ["s1"], _now);
                    break;
                case 8:
                    _floor.HandleTimeout(_now);
                    break;
                case 9:
                    _floor.SetEmergency(unit, _random.Next(3) == 0, _now);
                    break;
                case 10:
                    Order();
                    break;
                default:
                    if (_random.Next(8) == 0)
                    {
                        _floor.Revoke(FloorRevokeCause.NoPermission, _now);
                    }

                    break;
            }
        }

        private void Request(string unit)
        {
            // What has lapsed gives way before the decision.
            _floor.HandleTimeout(_now);
            Drain();
            string[] before = Queue();
            bool wasIdle = _floor.Holder is null;
            bool wasOwn = _floor.Holder?.UnitId == unit;
            bool isEmergency = _random.Next(8) == 0;
            FloorVerdict verdict = _floor.Request(Bid(unit, _random.Next(4), isEmergency), _now);
            string where = Where();
            if (wasIdle || wasOwn)
            {
                Assert.True(verdict.Decision == FloorDecision.Granted, where);
            }

            if (verdict.Decision == FloorDecision.Granted)
            {
                _renewedAt = _now;
            }

            Assert.True((verdict.Decision == FloorDecision.Granted) == (_floor.Holder?.UnitId == unit), where);
            Assert.True((verdict.Position > 0) == (verdict.Decision == FloorDecision.Queued), where);
            if (verdict.Decision == FloorDecision.Queued)
            {
                Assert.True(_floor.Queue[verdict.Position - 1].Party.UnitId == unit, where);
                bool isNormal = !isEmergency && _floor.Revoking == FloorRevokeCause.None;
                foreach (string other in isNormal && !before.Contains(unit) ? Queue()[verdict.Position..] : [])
                {
                    _passed[other] = _passed.GetValueOrDefault(other) + 1;
                    Assert.True(_passed[other] <= 4, $"{where}: {other} was passed {_passed[other]} times.");
                }
            }
        }

        private void Order()
        {
            long request = _floor.Queue.Count == 0 ? 7 : _floor.Queue[_random.Next(_floor.Queue.Count)].RequestId;
            switch (_random.Next(4))
            {
                case 0:
                    _floor.Move(request, 1 + _random.Next(8), Actor.System, _now);
                    break;
                case 1:
                    _floor.Remove(request, FloorDequeueCause.RemovedByDispatcher, Actor.System, _now);
                    break;
                case 2:
                    _floor.Preempt(_random.Next(2) * request, Actor.System, _now);
                    break;
                default:
                    break;
            }
        }

        private void Check()
        {
            Drain();
            string where = Where();
            Assert.True(_talker == _floor.Holder?.UnitId, $"{where}: events say {_talker}, the floor {_floor.Holder?.UnitId}.");
            Assert.True(_waiting.SetEquals(Queue()), $"{where}: events say {string.Join(' ', _waiting)} wait, the floor {string.Join(' ', Queue())}.");
            Assert.True(_floor.Holder is not null || _floor.Queue.Count == 0, $"{where}: somebody waits for an idle floor.");
            Assert.True(_floor.Queue.Select(waiter => waiter.RequestId).Distinct().Count() == _floor.Queue.Count, $"{where}: a request waits twice.");
            Assert.True(!Queue().Contains(_floor.Holder?.UnitId), $"{where}: the talker waits.");
            Assert.True(_floor.Epoch >= _lastEpoch && _floor.BurstId >= _lastBurst, $"{where}: an id went back.");
            Assert.True(_floor.NextDeadline is null == _floor.Holder is null, $"{where}: a holder without deadline, or the reverse.");
            Assert.True(_floor.Revoking == FloorRevokeCause.None || _floor.Holder is not null, $"{where}: nobody is being revoked.");
            Assert.True(_floor.NextDeadline is not { } deadline || deadline <= _now + Lease, $"{where}: a lease that never lapses.");
            (_lastEpoch, _lastBurst) = (_floor.Epoch, _floor.BurstId);
        }

        // Everyone's node falls silent: timers alone bring the floor to rest, in a bounded time.
        private void RunOut()
        {
            DateTimeOffset end = _now + Lease + Lease + TalkLimit;
            while (_floor.NextDeadline is { } deadline)
            {
                Assert.True(deadline <= end, $"{Where()}: the floor does not come to rest.");
                _now = deadline > _now ? deadline : _now;
                _floor.HandleTimeout(_now);
                Check();
            }

            Assert.True(_talker is null && _waiting.Count == 0, $"{Where()}: {_talker} talks, {_waiting.Count} wait.");
        }

        private void Drain()
        {
            while (_floor.TryPollEvent(out FloorEvent? told))
            {
                string unit = told!.Party!.UnitId;
                switch (told)
                {
                    case FloorGranted:
                        Assert.True(_talker is null, $"{Where()}: {unit} is granted the floor that {_talker} holds.");
                        _talker = unit;
                        (_grantedAt, _renewedAt) = (_now, _now);
                        _waiting.Remove(unit);
                        _passed.Remove(unit);
                        break;
                    case FloorReleased:
                    case FloorRevoked:
                        Assert.True(_talker == unit, $"{Where()}: {unit} ends the burst of {_talker}.");
                        CheckEnd(told);
                        _talker = null;
                        break;
                    case FloorQueued:
                        Assert.True(_waiting.Add(unit), $"{Where()}: {unit} is queued twice.");
                        break;
                    case FloorDequeued:
                        Assert.True(_waiting.Remove(unit), $"{Where()}: {unit} did not wait.");
                        _passed.Remove(unit);
                        break;
                }
            }
        }

        private void CheckEnd(FloorEvent told)
        {
            FloorRevokeCause cause = (told as FloorRevoked)?.Cause ?? FloorRevokeCause.None;
            Assert.True(cause != FloorRevokeCause.LeaseExpired || _now - _renewedAt >= Lease, $"{Where()}: a renewed lease lapsed.");
            Assert.True(cause != FloorRevokeCause.BurstTooLong || _now - _grantedAt >= TalkLimit, $"{Where()}: a short burst was too long.");
        }

        private bool IsQueued(string unit) => Queue().Contains(unit);

        private string[] Queue() => [.. _floor.Queue.Select(waiter => waiter.Party.UnitId)];

        private string Where() => $"Seed {_seed}, step {_step}";

        private static FloorBid Bid(string unit, int priority, bool isEmergency) =>
            new(new FloorHolder(unit, unit, "单位", "Unit", UnitService.Police, "n1", "s1"), priority, isEmergency, Actor.System);
    }
}
