using Comms.Media.Fanout;
using Comms.Media.Numbers;
using Comms.Media.Wire.H264;
using Comms.Media.Wire.H265;
using Xunit;

namespace Comms.Interop.Tests.Cameras;

/// <summary>Takes a feed's packets as a browser would and puts the pictures together again.</summary>
public sealed class DumpingViewer : IVideoViewer, IAccessUnitSink
{
    private static long s_lastId;

    private readonly bool _showsH265;
    private readonly H264Depacketizer _h264;
    private readonly H265Depacketizer _h265;
    private readonly Lock _lock = new();
    private readonly List<byte[][]> _pictures = [];
    private readonly List<uint> _timestamps = [];
    private readonly List<(AudioCodec Codec, uint Timestamp, int Bytes)> _sounds = [];
    private ushort _sequence;

    public DumpingViewer(int loop, bool showsH265 = false)
    {
        _showsH265 = showsH265;
        Loop = loop;
        Session = new SessionId(Interlocked.Increment(ref s_lastId));
        _h264 = new H264Depacketizer(this);
        _h265 = new H265Depacketizer(this);
    }

    public SessionId Session { get; }

    public int Loop { get; }

    public IVideoFeed? Feed { get; set; }

    public IVideoFeed? NextFeed { get; set; }

    public uint? LastVideoTimestamp { get; private set; }

    public int PictureCount
    {
        get
        {
            lock (_lock)
            {
                return _pictures.Count;
            }
        }
    }

    /// <summary>The NAL units of each picture so far.</summary>
    public IReadOnlyList<byte[][]> Pictures
    {
        get
        {
            lock (_lock)
            {
                return [.. _pictures];
            }
        }
    }

    public IReadOnlyList<uint> Timestamps
    {
        get
        {
            lock (_lock)
            {
                return [.. _timestamps];
            }
        }
    }

    public long LostPackets => _h264.LostPackets + _h265.LostPackets;

    /// <summary>What was heard: codec and RTP timestamp of each packet.</summary>
    public IReadOnlyList<(AudioCodec Codec, uint Timestamp, int Bytes)> Sounds
    {
        get
        {
            lock (_lock)
            {
                return [.. _sounds];
            }
        }
    }

    public bool CanShow(VideoCodec codec) => codec == VideoCodec.H264 || _showsH265;

    public int SendVideo(ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now)
    {
        VideoDepacketizer depacketizer = Feed!.Codec == VideoCodec.H265 ? _h265 : _h264;
        depacketizer.Handle(payload, _sequence, timestamp90k, marker);
        LastVideoTimestamp = timestamp90k;
        return _sequence++;
    }

    public bool ResendVideo(ushort sequenceNumber, ReadOnlySpan<byte> payload, bool marker, uint timestamp90k, Instant now) => true;

    public void SendAudio(AudioCodec codec, ReadOnlySpan<byte> payload, bool marker, uint timestamp, Instant now)
    {
        lock (_lock)
        {
            _sounds.Add((codec, timestamp, payload.Length));
        }
    }

    public void HandleAccessUnit(in AccessUnit unit)
    {
        var nalUnits = new byte[unit.Count][];
        for (var i = 0; i < unit.Count; i++)
        {
            nalUnits[i] = unit[i].ToArray();
        }

        lock (_lock)
        {
            _pictures.Add(nalUnits);
            _timestamps.Add(unit.Timestamp);
        }
    }

    /// <summary>All pictures as a byte stream, ITU-T H.264 annex B.</summary>
    public byte[] ToByteStream() =>
        [.. Pictures.SelectMany(picture => picture).SelectMany(nalUnit => (byte[])[0, 0, 0, 1, .. nalUnit])];

    /// <summary>ffmpeg reads as many frames out of what was seen as there were pictures.</summary>
    public async Task AssertDecodesAsync()
    {
        var format = Feed!.Codec == VideoCodec.H265 ? "hevc" : "h264";
        var folder = Directory.CreateTempSubdirectory("comms-viewer-");
        var file = Path.Combine(folder.FullName, "seen.h264");
        var count = PictureCount;
        await File.WriteAllBytesAsync(file, ToByteStream());
        var (_, output) = await Tool.RunAsync("ffprobe", "-v", "error", "-f", format, "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", file);
        folder.Delete(recursive: true);
        Assert.True(int.TryParse(output.Trim(), out var frames), output);
        Assert.InRange(frames, count, count + 25);
    }
}
