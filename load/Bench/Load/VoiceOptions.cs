namespace Comms.Bench.Load;

/// <summary>The arguments of ./bench voice.</summary>
internal sealed record VoiceOptions(int Listeners, int TalkSeconds, string Frame, int Channels, bool HasBrowser)
{
    /// <summary>Small channels of two phones, in which presses are made beside the talk.</summary>
    public const int SideChannels = 5;

    private const int ListenersOfFurtherChannels = 1_000;
    private static readonly string[] Frames = ["auto", "20", "40", "60", "80", "100", "120"];

    /// <summary>Of the first channel and of the further ones, the real browser included.</summary>
    public int Phones => Listeners + (Channels - 1) * ListenersOfFurtherChannels;

    public int Minutes => 30 + TalkSeconds / 60;

    public IReadOnlyDictionary<string, string> ServerSettings =>
        new Dictionary<string, string> { ["Media:FrameMs"] = Frame };

    public static VoiceOptions Parse(string[] arguments)
    {
        string frame = Argument.Text(arguments, "--frame", "auto");
        if (!Frames.Contains(frame)) throw new ArgumentException($"--frame is one of {string.Join(", ", Frames)}.");
        return new VoiceOptions(
            Argument.Number(arguments, "--listeners", 20_000),
            Argument.Number(arguments, "--talk-seconds", 60),
            frame,
            Argument.Number(arguments, "--channels", 1),
            !Argument.Has(arguments, "--no-browser"));
    }
}
