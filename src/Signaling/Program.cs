using Comms.Signaling.Hosting;

return await Launcher.RunAsync(args);
