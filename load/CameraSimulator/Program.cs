using System.Globalization;
using System.Runtime.InteropServices;
using Comms.CameraSimulator;

if (!SimulatorOptions.TryParse(args, out var options))
{
    await Console.Error.WriteLineAsync(SimulatorOptions.Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context));
using var server = new CameraServer(options, stop.Token);
var running = server.RunAsync(stop.Token);
try
{
    await Task.WhenAny(server.ClipsReady, running);
    await server.ClipsReady;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"ready rtsp://{server.EndPoint}/cam/1 to /cam/{options.Cameras}"));
    await running;
}
catch (OperationCanceledException)
{
    // Asked to end.
}

return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
