using Comms.Bench;
using Comms.Bench.Load;

try
{
    return await (args.FirstOrDefault() switch
    {
        "twobrowsers" => TwoBrowsers.RunAsync(args),
        "firstframe" => FirstFrame.RunAsync(args),
        "cameras" => Cameras.RunAsync(args),
        "import" => CameraImportBench.RunAsync(args),
        "storm" => Storm.RunAsync(args),
        "relays" => Relays.RunAsync(args),
        "voice" => VoiceBench.RunAsync(args),
        "join" => JoinBench.RunAsync(args),
        "floor" => FloorBench.RunAsync(args),
        "idle" => IdleBench.RunAsync(args),
        "viewers" => ViewersBench.RunAsync(args),
        "register" => RegisterBench.RunAsync(args),
        "invite" => InviteBench.RunAsync(args),
        "sip" => SipBench.RunAsync(args),
        _ => throw new ArgumentException("Name a bench: twobrowsers, firstframe, cameras, storm, relays, import, voice, join, floor, idle, viewers, register, invite or sip."),
    });
}
catch (LoadFault fault)
{
    Console.WriteLine();
    Console.Error.WriteLine($"The run does not count: {fault.Message}");
    return 1;
}
