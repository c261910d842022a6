using Comms.Bench;

return args.FirstOrDefault() switch
{
    "twobrowsers" => await TwoBrowsers.RunAsync(args),
    "firstframe" => await FirstFrame.RunAsync(args),
    _ => throw new ArgumentException("Name a bench: twobrowsers or firstframe."),
};
