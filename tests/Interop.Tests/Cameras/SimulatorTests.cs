using Xunit;

namespace Comms.Interop.Tests.Cameras;

public sealed class SimulatorTests(SimulatorProcess simulator) : IClassFixture<SimulatorProcess>
{
    [Fact]
    public async Task Ffmpeg_pulls_a_simulated_camera_and_decodes_every_frame()
    {
        var (code, output) = await Tool.RunAsync(
            "ffmpeg", "-hide_banner", "-nostdin", "-xerror", "-rtsp_transport", "tcp", "-i", $"{simulator.Url}/cam/1", "-frames:v", "60", "-f", "null", "-");
        Assert.True(code == 0, output);
        Assert.Contains("frame=   60", output, StringComparison.Ordinal);
        Assert.Contains("640x360", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ffmpeg_pulls_a_camera_that_asks_for_a_password()
    {
        var (code, output) = await Tool.RunAsync(
            "ffmpeg", "-hide_banner", "-nostdin", "-rtsp_transport", "tcp", "-i",
            $"rtsp://{SimulatorProcess.User}:{SimulatorProcess.Password}@{simulator.GuardedAuthority}/cam/1", "-frames:v", "5", "-f", "null", "-");
        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task Gstreamer_pulls_a_simulated_camera()
    {
        var folder = Directory.CreateTempSubdirectory("comms-gst-");
        var file = Path.Combine(folder.FullName, "out.h264");
        var (code, output) = await Tool.RunAsync(
            "gst-launch-1.0", "-q", "rtspsrc", $"location={simulator.Url}/cam/2", "protocols=tcp", "!", "rtph264depay", "!",
            "video/x-h264,stream-format=byte-stream,alignment=au", "!", "identity", "eos-after=60", "!", "filesink", $"location={file}");
        Assert.True(code == 0, output);
        var (_, frames) = await Tool.RunAsync("ffprobe", "-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", file);
        folder.Delete(recursive: true);
        Assert.InRange(int.Parse(frames.Trim(), System.Globalization.CultureInfo.InvariantCulture), 55, 60);
    }
}
