using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Wire.H264;

namespace Comms.Bench;

/// <summary>The coded pictures of one clip by their bytes, so that a picture says which frame it is without being decoded.</summary>
internal sealed class ClipIndex
{
    private readonly Dictionary<ulong, int> _frames = [];

    public ClipIndex(string path)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        while (AnnexB.TryReadNext(ref rest, out var nalUnit))
        {
            if (NalUnit.IsSlice(NalUnit.TypeOf(nalUnit[0]))) _frames.TryAdd(Hash(nalUnit), Count++);
        }
    }

    public int Count { get; private set; }

    /// <summary>The frame's number in the clip, -1 for a picture that is not of it.</summary>
    public int FrameOf(ReadOnlySpan<byte> slice) => _frames.GetValueOrDefault(Hash(slice), -1);

    /// <summary>FNV-1a, 64 bits.</summary>
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = 14_695_981_039_346_656_037;
        foreach (byte b in bytes) hash = (hash ^ b) * 1_099_511_628_211;
        return hash;
    }
}

/// <summary>Watches one camera as a browser's session would and checks that every picture is the next of its clip.</summary>
internal sealed class CheckingViewer : IVideoViewer, IAccessUnitSink
{
    private readonly ClipIndex _clip;
    private readonly H264Depacketizer _depacketizer;
    private ushort _sequence;
    private int _last = -1;
    private long _checked;
    private long _wrong;

    public CheckingViewer(long id, int loop, ClipIndex clip)
    {
        _clip = clip;
        Session = new SessionId(id);
        Loop = loop;
        _depacketizer = new H264Depacketizer(this);
    }

    public SessionId Session { get; }

    public int Loop { get; }

    public IVideoFeed? Feed { get; set; }

    public IVideoFeed? NextFeed { get; set; }

    public uint? LastVideoTimestamp { get; private set; }

    public long CheckedFrames => Volatile.Read(ref _checked);

    /// <summary>Pictures of another camera, or out of order, or after one that was left out.</summary>
    public long WrongFrames => Volatile.Read(ref _wrong);

    public int SendVideo(ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now)
    {
        _depacketizer.Handle(payload, _sequence, timestamp90k, marker);
        LastVideoTimestamp = timestamp90k;
        return _sequence++;
    }

    public bool ResendVideo(ushort sequenceNumber, ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now) => true;

    public void HandleAccessUnit(in AccessUnit unit)
    {
        int frame = _clip.FrameOf(unit[unit.Count - 1]);
        _checked++;
        if (frame < 0 || (_last >= 0 && frame != (_last + 1) % _clip.Count)) _wrong++;
        _last = frame;
    }
}
