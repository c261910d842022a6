using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Comms.Interop.Tests.Cameras;

/// <summary>An ffmpeg that plays a source which is not RTSP: it sends a moving test picture, ten frames a second, as fast as time goes.</summary>
internal sealed class StreamSource : IDisposable
{
    private static readonly string[] H264 =
        ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-bf", "0", "-g", "10", "-threads", "1"];

    private static readonly string[] H265 =
        ["-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "keyint=10:bframes=0:log-level=error:pools=1:frame-threads=1", "-threads", "1"];

    private readonly Process _process;
    private readonly Task<string> _errors;

    private StreamSource(IReadOnlyList<string> codec, IReadOnlyList<string> output, string? folder)
    {
        string[] arguments =
        [
            "-hide_banner", "-nostdin", "-loglevel", "error", "-re",
            "-f", "lavfi", "-i", "testsrc2=s=320x240:r=10", .. codec, .. output,
        ];
        _process = ChildProcesses.Start(new ProcessStartInfo("ffmpeg", arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = folder ?? "",
        });
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>What it writes to its standard output.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    public static StreamSource StartH264(params string[] output) => new(H264, output, null);

    public static StreamSource StartH265(params string[] output) => new(H265, output, null);

    public static StreamSource StartH264In(string folder, params string[] output) => new(H264, output, folder);

    /// <summary>An address of the loopback network with a port that nobody else on it uses: the address is drawn by lot.</summary>
    public static IPEndPoint FreeEndPoint(ProtocolType protocol = ProtocolType.Tcp)
    {
        var address = new IPAddress([127, (byte)RandomNumberGenerator.GetInt32(1, 255), (byte)RandomNumberGenerator.GetInt32(256), (byte)RandomNumberGenerator.GetInt32(1, 255)]);
        using var probe = new Socket(AddressFamily.InterNetwork, protocol == ProtocolType.Tcp ? SocketType.Stream : SocketType.Dgram, protocol);
        probe.Bind(new IPEndPoint(address, 0));
        return (IPEndPoint)probe.LocalEndPoint!;
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _errors.Wait();
        _process.Dispose();
    }
}
