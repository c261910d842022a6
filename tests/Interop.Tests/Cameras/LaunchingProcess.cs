using Comms.Media.Io;

namespace Comms.Interop.Tests.Cameras;

/// <summary>A process that starts ffmpeg as a relay does, prints its process id, and waits to be killed.</summary>
internal sealed class LaunchingProcess : IFfmpegProcessOwner
{
    public static int Run(string[] arguments)
    {
        using var launcher = new FfmpegProcessLauncher();
        launcher.Start(arguments, new LaunchingProcess());
        using var never = new ManualResetEventSlim();
        never.Wait();
        return 0;
    }

    public void HandleStarted(FfmpegProcess process) => Console.WriteLine(process.Id);

    public void HandleExited(int exitCode, IReadOnlyList<string> errorTail) => Console.WriteLine($"exited {exitCode}");
}
