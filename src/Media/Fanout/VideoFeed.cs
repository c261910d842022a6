using Comms.Media.Numbers;
using Comms.Media.Wire.H264;

namespace Comms.Media.Fanout;

/// <summary>What a feed tells its relay, on the feed's loop.</summary>
public interface IVideoFeedOwner
{
    /// <summary>The first intact key frame since <see cref="VideoFeed.Restart"/>.</summary>
    void HandleFirstPicture(Instant now);

    /// <summary>The pictures are out of output order: browsers cannot show them as they are. Called once per restart.</summary>
    void HandleReordering(Instant now);
}

/// <summary>
/// One camera's H.264 on its own loop: RTP in, pictures out to the fan-out. It keeps the parameter sets, puts the source's
/// timestamps onto one timeline that survives reconnects, and passes on nothing that a decoder could not show.
/// </summary>
public sealed class VideoFeed : IAccessUnitSink
{
    private const long TicksPerSecond = 90_000;
    private const long LargestStepTicks = 5 * TicksPerSecond;

    private readonly VideoFanout _fanout;
    private readonly IVideoFeedOwner _owner;
    private readonly H264Depacketizer _depacketizer;
    private ParameterSets _sets = new();
    private Instant _now;
    private Instant _lastUnitAt;
    private uint _lastTimestamp;
    private long _ticks;
    private bool _isTimelineOpen;
    private bool _hasPicture;
    private bool _isReordered;
    private long _countedDrops;
    private long _countedMalformed;

    public VideoFeed(VideoFanout fanout, IVideoFeedOwner owner)
    {
        _fanout = fanout;
        _owner = owner;
        _depacketizer = new H264Depacketizer(this);
    }

    public long PacketsReceived { get; private set; }

    public long LostPackets => _depacketizer.LostPackets;

    /// <summary>The picture's size and profile; null until a parameter set has come.</summary>
    public SequenceParameterSet? Picture => _sets.Sequence;

    /// <summary>A new source begins; its parameter sets may come out of band as sprop-parameter-sets.</summary>
    public void Restart(string? sprop)
    {
        _depacketizer.Reset();
        _sets = new ParameterSets();
        _sets.KeepSprop(sprop);
        _isTimelineOpen = _hasPicture = _isReordered = false;
    }

    /// <summary>Takes one RTP payload of the source.</summary>
    public void HandlePayload(ReadOnlySpan<byte> payload, ushort sequence, uint timestamp, bool marker, Instant now)
    {
        _now = now;
        PacketsReceived++;
        _depacketizer.Handle(payload, sequence, timestamp, marker);
        CountDrops();
    }

    public void HandleAccessUnit(in AccessUnit unit)
    {
        if (!TryInspect(unit))
        {
            _fanout.Drops.Count(DropReason.NoKeyFrame);
            return;
        }

        AdvanceTimeline(unit.Timestamp);
        if (!_hasPicture)
        {
            _hasPicture = true;
            _owner.HandleFirstPicture(_now);
        }

        _fanout.TryAppend(unit, _sets, _ticks, _now);
    }

    private void CountDrops()
    {
        for (; _countedDrops < _depacketizer.DroppedAccessUnits; _countedDrops++)
        {
            _fanout.Drops.Count(DropReason.DamagedPicture);
        }

        for (; _countedMalformed < _depacketizer.MalformedPackets; _countedMalformed++)
        {
            _fanout.Drops.Count(DropReason.Malformed);
        }
    }

    /// <summary>Keeps parameter sets and looks for reordered pictures. False: a key frame that nothing can decode.</summary>
    private bool TryInspect(in AccessUnit unit)
    {
        var isReordered = false;
        for (var i = 0; i < unit.Count; i++)
        {
            var nalUnit = unit[i];
            if (NalUnit.TypeOf(nalUnit[0]) is NalUnitType.Sps or NalUnitType.Pps)
            {
                _sets.TryKeep(nalUnit);
            }

            isReordered |= !_isReordered && NalUnit.IsBSlice(nalUnit);
        }

        if (isReordered && _sets.Sequence?.ReorderFrames != 0)
        {
            _isReordered = true;
            _owner.HandleReordering(_now);
        }

        return _hasPicture || (unit.IsKeyFrame && _sets.IsComplete);
    }

    /// <summary>A step back, or one of more than five seconds, is a source that began anew: real time replaces it.</summary>
    private void AdvanceTimeline(uint timestamp)
    {
        long step = (int)(timestamp - _lastTimestamp);
        if (!_isTimelineOpen || step < 0 || step > LargestStepTicks)
        {
            var elapsedMs = Math.Max(1, _now.MsSince(_lastUnitAt));
            step = _ticks == 0 ? 1 : elapsedMs * VideoTimeline.TicksPerMs;
        }

        _isTimelineOpen = true;
        _ticks += step;
        _lastTimestamp = timestamp;
        _lastUnitAt = _now;
    }
}
