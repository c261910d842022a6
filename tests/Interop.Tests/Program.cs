using Comms.Interop.Tests.Cameras;

// The assembly run as a program is a process that a test may kill.
return args is ["launch-ffmpeg", ..] ? LaunchingProcess.Run(args.AsSpan(1).ToArray()) : 2;
