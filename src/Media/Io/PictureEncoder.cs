using Comms.Media.Numbers;
using FFMpegCore;
using FFMpegCore.Pipes;

namespace Comms.Media.Io;

/// <summary>Makes a JPEG of one coded key frame by a one-shot ffmpeg. Thread-safe; the caller bounds how many run at once.</summary>
public sealed class PictureEncoder(string ffmpegPath)
{
    private const int LimitMs = 10_000;

    /// <summary>Between the picture's size and what one sees of it: 2 is best, 31 worst.</summary>
    private const int Quality = 4;

    private readonly FFOptions _options = new() { BinaryFolder = Path.GetDirectoryName(ffmpegPath) ?? "" };

    /// <summary>Null: ffmpeg could not decode it, or not in time.</summary>
    /// <param name="byteStream">Parameter sets and slices, ITU-T H.264 annex B.</param>
    public async Task<byte[]?> EncodeAsync(byte[] byteStream, VideoCodec codec, CancellationToken cancellation)
    {
        using var source = new MemoryStream(byteStream);
        using var picture = new MemoryStream();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(LimitMs);
        try
        {
            var done = await FFMpegArguments
                .FromPipeInput(new StreamPipeSource(source), input => input.ForceFormat(codec == VideoCodec.H265 ? "hevc" : "h264").WithCustomArgument("-threads 1"))
                .OutputToPipe(new StreamPipeSink(picture), output => output.WithCustomArgument($"-frames:v 1 -q:v {Quality} -f mjpeg"))
                .CancellableThrough(limit.Token)
                .ProcessAsynchronously(throwOnError: false, _options, CancellationToken.None);
            return done.Success && picture.Length > 0 ? picture.ToArray() : null;
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or FFMpegCore.Exceptions.FFMpegException)
        {
            return null;
        }
    }
}
