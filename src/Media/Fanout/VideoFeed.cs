using Comms.Media.Numbers;
using Comms.Media.Wire.H264;
using Comms.Media.Wire.H265;

namespace Comms.Media.Fanout;

/// <summary>What a feed tells its relay, on the feed's loop.</summary>
public interface IVideoFeedOwner
{
    /// <summary>The first intact key frame since <see cref="VideoFeed.Restart"/>.</summary>
    void HandleFirstPicture(Instant now);

    /// <summary>The pictures are out of output order: browsers cannot show them as they are. Called once per restart.</summary>
    void HandleReordering(Instant now);

    /// <summary>The time between key frames became known, or changed by half.</summary>
    void HandleKeyFrameInterval(Instant now);
}

/// <summary>
/// One camera's H.264 or H.265 on its own loop: RTP in, pictures out to the fan-out. It keeps the parameter sets, puts the source's
/// timestamps onto one timeline that survives reconnects, and passes on nothing that a decoder could not show.
/// </summary>
public sealed class VideoFeed : IAccessUnitSink
{
    private const long TicksPerSecond = 90_000;
    private const long LargestStepTicks = 5 * TicksPerSecond;

    private readonly VideoFanout _fanout;
    private readonly IVideoFeedOwner _owner;
    private VideoDepacketizer _depacketizer;
    private ParameterSets _sets = new();
    private H265ParameterSets? _sets265;
    private Instant _now;
    private Instant _lastUnitAt;
    private Instant _lastKeyAt = Instant.Never;
    private uint _lastTimestamp;
    private long _ticks;
    private bool _isTimelineOpen;
    private bool _hasPicture;
    private bool _isReordered;
    private long _countedDrops;
    private long _countedMalformed;
    private int _toldIntervalMs;

    public VideoFeed(VideoFanout fanout, IVideoFeedOwner owner)
    {
        _fanout = fanout;
        _owner = owner;
        _depacketizer = new H264Depacketizer(this);
    }

    public long PacketsReceived { get; private set; }

    public long LostPackets => _depacketizer.LostPackets;

    public VideoCodec Codec => _sets265 is null ? VideoCodec.H264 : VideoCodec.H265;

    /// <summary>Width and height in pixels; zero until a parameter set has come.</summary>
    public (int Width, int Height) Size => _sets265 is { Sequence: { } sequence }
        ? (sequence.WidthPixels, sequence.HeightPixels)
        : (_sets.Sequence?.WidthPixels ?? 0, _sets.Sequence?.HeightPixels ?? 0);

    /// <summary>Time between the two newest key frames; 0 until there were two.</summary>
    public int KeyFrameIntervalMs { get; private set; }

    /// <summary>Intact key frames came, but the parameter sets that a decoder needs did not.</summary>
    public bool LacksParameterSets { get; private set; }

    /// <summary>A key frame has come since <see cref="Restart"/> that a decoder can begin with.</summary>
    public bool HasPicture => _hasPicture;

    /// <summary>The parameter sets now in use, base64 with commas, in the order of their types.</summary>
    public string ParameterSetsText
    {
        get
        {
            var slots = _sets265 is null ? ParameterSets.Slots : H265ParameterSets.Slots;
            var sets = Enumerable.Range(0, slots).Select(slot => _sets265 is null ? _sets.At(slot) : _sets265.At(slot));
            return string.Join(',', sets.OfType<byte[]>().Select(Convert.ToBase64String));
        }
    }

    /// <summary>
    /// Reordered pictures go on to viewers, who see them back and forth; otherwise none does from the first one on, because a
    /// conversion begins.
    /// </summary>
    public bool PassesReordered { get; set; }

    /// <summary>A new source begins; its parameter sets may come out of band.</summary>
    /// <param name="sprop">sprop-parameter-sets, or the three of H.265 joined with commas.</param>
    public void Restart(string? sprop, VideoCodec codec = VideoCodec.H264)
    {
        _depacketizer.Reset();
        if (codec != Codec)
        {
            _depacketizer = codec == VideoCodec.H265 ? new H265Depacketizer(this) : new H264Depacketizer(this);
            _countedDrops = _countedMalformed = 0;
        }

        _sets = new ParameterSets();
        _sets265 = codec == VideoCodec.H265 ? new H265ParameterSets() : null;
        _sets265?.KeepSprop(sprop);
        if (_sets265 is null)
        {
            _sets.KeepSprop(sprop);
        }

        _isTimelineOpen = _hasPicture = _isReordered = LacksParameterSets = false;
        _lastKeyAt = Instant.Never;
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

        if (_isReordered && !PassesReordered)
        {
            _fanout.Drops.Count(DropReason.Reordered);
            return;
        }

        AdvanceTimeline(unit.Timestamp);
        if (unit.IsKeyFrame)
        {
            KeyFrameIntervalMs = _lastKeyAt == Instant.Never ? KeyFrameIntervalMs : (int)Math.Min(int.MaxValue, _now.MsSince(_lastKeyAt));
            _lastKeyAt = _now;
        }

        if (!_hasPicture)
        {
            _hasPicture = true;
            _owner.HandleFirstPicture(_now);
        }

        TellInterval();
        _ = _sets265 is null ? _fanout.TryAppend(unit, _sets, _ticks, _now) : _fanout.TryAppend(unit, _sets265, _ticks, _now);
    }

    private void TellInterval()
    {
        if (KeyFrameIntervalMs > 0 && Math.Abs(KeyFrameIntervalMs - _toldIntervalMs) * 2L > _toldIntervalMs)
        {
            _toldIntervalMs = KeyFrameIntervalMs;
            _owner.HandleKeyFrameInterval(_now);
        }
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
        var isComplete = _sets265 is null ? InspectH264(unit) : InspectH265(unit, _sets265);
        LacksParameterSets = unit.IsKeyFrame ? !isComplete : LacksParameterSets;
        return _hasPicture || (unit.IsKeyFrame && isComplete);
    }

    private bool InspectH264(in AccessUnit unit)
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

        return _sets.IsComplete;
    }

    /// <summary>Low-delay H.265 uses B-slices too: only the sequence's own word says whether pictures are reordered.</summary>
    private bool InspectH265(in AccessUnit unit, H265ParameterSets sets)
    {
        for (var i = 0; i < unit.Count; i++)
        {
            if (H265NalUnit.IsParameterSet(H265NalUnit.TypeOf(unit[i][0])))
            {
                sets.TryKeep(unit[i]);
            }
        }

        if (!_isReordered && sets.Sequence?.ReorderPictures > 0)
        {
            _isReordered = true;
            _owner.HandleReordering(_now);
        }

        return sets.IsComplete;
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
