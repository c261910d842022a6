using Comms.Media.Wire.H264;

namespace Comms.Interop.Tests.Cameras;

/// <summary>A two-second clip that ffmpeg encoded, ten frames a second, a key frame each second, cut into RTP payloads.</summary>
internal sealed class TestClip
{
    private const int UsualPayloadBytes = 1100;

    private TestClip(IReadOnlyList<IReadOnlyList<byte[]>> frames, string format) => (Frames, Format) = (frames, format);

    /// <summary>The RTP payloads of each picture.</summary>
    public IReadOnlyList<IReadOnlyList<byte[]>> Frames { get; }

    /// <summary>rtpmap and fmtp lines for payload type 96. Parameter sets come in band only.</summary>
    public string Format { get; }

    public static Task<TestClip> EncodeH264Async(string size, int maxPayloadBytes = UsualPayloadBytes) => EncodeAsync(
        size, "h264", "a=rtpmap:96 H264/90000\r\na=fmtp:96 packetization-mode=1\r\n", headerBytes: 1, maxPayloadBytes,
        "-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "10", "-x264-params", "scenecut=0:slices=1");

    public static Task<TestClip> EncodeH265Async(string size) => EncodeAsync(
        size, "hevc", "a=rtpmap:96 H265/90000\r\n", headerBytes: 2, UsualPayloadBytes,
        "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "keyint=10:bframes=0:scenecut=0:log-level=error:pools=1:frame-threads=1");

    private static async Task<TestClip> EncodeAsync(string size, string muxer, string format, int headerBytes, int maxPayloadBytes, params string[] codec)
    {
        var file = Path.GetTempFileName();
        string[] arguments =
            ["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", $"testsrc2=s={size}:r=10:d=2", .. codec, "-threads", "1", "-pix_fmt", "yuv420p", "-f", muxer, file];
        var (code, output) = await Tool.RunAsync("ffmpeg", arguments);
        var bytes = await File.ReadAllBytesAsync(file);
        File.Delete(file);
        return code == 0 ? new TestClip(Cut(bytes, headerBytes, maxPayloadBytes), format) : throw new InvalidOperationException(output);
    }

    /// <summary>Every picture is one slice here, so a slice ends a frame.</summary>
    private static List<IReadOnlyList<byte[]>> Cut(byte[] stream, int headerBytes, int maxPayloadBytes)
    {
        var frames = new List<IReadOnlyList<byte[]>>();
        var open = new List<byte[]>();
        ReadOnlySpan<byte> rest = stream;
        while (AnnexB.TryReadNext(ref rest, out var nalUnit))
        {
            open.AddRange(Fragment(nalUnit, headerBytes, maxPayloadBytes));
            var isSlice = headerBytes == 1 ? NalUnit.IsSlice(NalUnit.TypeOf(nalUnit[0])) : nalUnit[0] >> 1 < 32;
            if (isSlice)
            {
                frames.Add(open);
                open = [];
            }
        }

        return frames;
    }

    /// <summary>A whole NAL unit, or FU-A (RFC 6184 §5.8) or FU (RFC 7798 §4.4.3) fragments of it.</summary>
    private static List<byte[]> Fragment(ReadOnlySpan<byte> nalUnit, int headerBytes, int maxPayloadBytes)
    {
        if (nalUnit.Length <= maxPayloadBytes)
        {
            return [nalUnit.ToArray()];
        }

        var payloads = new List<byte[]>();
        var type = headerBytes == 1 ? nalUnit[0] & 0x1F : nalUnit[0] >> 1;
        for (var at = headerBytes; at < nalUnit.Length; at += maxPayloadBytes)
        {
            var size = Math.Min(maxPayloadBytes, nalUnit.Length - at);
            var edges = (at == headerBytes ? 0x80 : 0) | (at + size == nalUnit.Length ? 0x40 : 0);
            byte[] head = headerBytes == 1
                ? [(byte)((nalUnit[0] & 0xE0) | 28), (byte)(edges | type)]
                : [(byte)((nalUnit[0] & 0x81) | (49 << 1)), nalUnit[1], (byte)(edges | type)];
            payloads.Add([.. head, .. nalUnit.Slice(at, size)]);
        }

        return payloads;
    }
}
