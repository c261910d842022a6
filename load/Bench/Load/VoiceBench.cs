using Comms.Phones;
using Comms.Phones.Io;
using Comms.Phones.Media;

namespace Comms.Bench.Load;

/// <summary>
/// ./bench voice: everybody in one channel while one after another talks. Lets them in, makes sure that each has heard, measures the
/// plain yardstick, talks, counts, measures the yardstick again.
/// </summary>
internal sealed class VoiceBench(VoiceOptions options, LoadServer server, Crowd crowd, Speech speech)
{
    private const int HeardFrames = 10;
    private const int GreetingRounds = 3;
    private const int WarmupSeconds = 5;
    private const double ReferenceSeconds = 4;
    private const double ReferenceDrift = 0.10;
    private readonly Conversation[] _conversations =
        [.. Enumerable.Range(0, options.Channels).Select(channel => new Conversation(crowd.Fleet, speech, channel, seed: channel + 1))];

    private PhoneFleet Fleet => crowd.Fleet;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = VoiceOptions.Parse(arguments);
        await using var server = await LoadServer.StartAsync(arguments, options.ServerSettings);
        var accounts = await server.RehearseAsync("voice", options.Phones, options.Channels, options.Minutes);
        var pressers = await server.RehearseAsync("presses", 2 * VoiceOptions.SideChannels, VoiceOptions.SideChannels, options.Minutes);
        // The real browser stands among the listeners of the first channel, in the place of its last phone.
        int browserSeat = options.HasBrowser ? options.Listeners - 1 : -1;
        PhoneAccount[] phones = [.. accounts.Where((_, seat) => seat != browserSeat), .. pressers];
        using var crowd = new Crowd(server, new PhoneFleet(server.FleetOptions(arguments), phones));
        var bench = new VoiceBench(options, server, crowd, Crowd.MakeSpeech());
        await using var ear = browserSeat < 0 ? null : await BrowserEar.LaunchAsync(server, accounts[browserSeat]);
        return await bench.RunAsync(ear);
    }

    private async Task<int> RunAsync(BrowserEar? ear)
    {
        await crowd.EnterAsync();
        double joinSeconds = await MakeSureAllHearAsync();
        if (ear is not null) await ear.StandInAsync(Fleet.Channels[0]);
        await _conversations[0].RunAsync(TimeSpan.FromSeconds(WarmupSeconds), false);
        foreach (Conversation conversation in _conversations) conversation.Clear();
        double before = Reference();
        await Fleet.ClearFiguresAsync();
        if (ear is not null) await ear.BeginAsync(_conversations[0]);
        var window = await TalkAsync();
        double after = Reference();
        var browser = ear is null ? BrowserHearing.None : await ear.EndAsync();
        var result = new VoiceResult(options, crowd, _conversations, window, joinSeconds, before, after, browser);
        result.Print();
        await CheckAsync(window, before, after);
        return result.Failures() is { } failures ? throw new LoadFault(failures) : 0;
    }

    // Two talkers for each channel, since the first does not hear itself; again where the first words came too late or not at all.
    private async Task<double> MakeSureAllHearAsync()
    {
        for (int round = 0; round < GreetingRounds && Fleet.Heard < Fleet.PhoneCount; round++)
        {
            for (int channel = 0; channel < Fleet.Channels.Count; channel++)
            {
                var greeting = channel < options.Channels ? _conversations[channel] : new Conversation(Fleet, speech, channel, seed: 1);
                await greeting.SayAsync(greeting.Member(1), HeardFrames, false);
                await greeting.SayAsync(greeting.Member(0), HeardFrames, false);
            }
        }

        if (Fleet.Heard < Fleet.PhoneCount) throw new LoadFault($"Only {Fleet.Heard} of {Fleet.PhoneCount} phones have decrypted a packet.");
        return (Fleet.LastHeardNs - crowd.StartedNs) / 1e9;
    }

    private double Reference()
    {
        var sizes = Fleet.SampleSizes;
        if (sizes.Count == 0) throw new LoadFault("No packet sizes to send again: no compared listener heard the warm-up.");
        int frameMs = Math.Max(Speech.FrameMs, Fleet.FrameMs(0));
        int rounds = (int)(ReferenceSeconds * 1000 / frameMs);
        int[] cycle = [.. Enumerable.Range(0, rounds).Select(round => sizes[round % sizes.Count])];
        return PlainSender.Measure(Fleet.Endpoints(0), cycle, Fleet.MediaServer, frameMs, Environment.ProcessorCount);
    }

    private async Task<TalkWindow> TalkAsync()
    {
        int[] pressers = [.. Enumerable.Range(0, VoiceOptions.SideChannels).Select(side => Fleet.PhoneCount - 2 * VoiceOptions.SideChannels + 2 * side)];
        var presses = new SidePresses(Fleet, pressers, TimeSpan.FromSeconds(Math.Min(0.2, options.TalkSeconds / 240.0)));
        using var stop = new CancellationTokenSource();
        FleetCount countBefore = await Fleet.CountAsync();
        ServerMetrics metricsBefore = await server.ReadMetricsAsync();
        double ownBefore = Environment.CpuUsage.TotalTime.TotalSeconds;
        long startNs = Clocks.MonotonicNs;
        Task pressing = presses.RunAsync(stop.Token);
        Task<double> pauses = WatchPausesAsync(stop.Token);
        await Task.WhenAll(_conversations.Select(conversation => conversation.RunAsync(TimeSpan.FromSeconds(options.TalkSeconds), isLast: true)));
        await stop.CancelAsync();
        await pressing;
        double longestPause = await pauses;
        double seconds = (Clocks.MonotonicNs - startNs) / 1e9;
        double own = Environment.CpuUsage.TotalTime.TotalSeconds - ownBefore;
        ServerMetrics metricsAfter = await server.ReadMetricsAsync();
        return new TalkWindow(metricsBefore, metricsAfter, countBefore, await Fleet.CountAsync(), presses, seconds, own, longestPause);
    }

    // The server tells the longest pause of the last minute, which may lie before the talk: its histogram says how long one within can be.
    private async Task<double> WatchPausesAsync(CancellationToken stop)
    {
        double longest = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(50));
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                // The talk is over: the last reading follows.
            }

            longest = Math.Max(longest, (await server.ReadMetricsAsync()).Find("comms_gc_pause_longest") ?? double.NaN);
        }

        return longest * 1000;
    }

    private async Task CheckAsync(TalkWindow window, double before, double after)
    {
        crowd.CheckAll();
        if (Fleet.KernelDrops > 0) throw new LoadFault($"The generator's sockets overflowed: {Fleet.KernelDrops} datagrams (SO_RXQ_OVFL).");
        if (Fleet.RefusedSends > 0) throw new LoadFault($"The kernel refused {Fleet.RefusedSends} of the generator's datagrams.");
        if (window.After.ChecksUnanswered > 0) throw new LoadFault($"{window.After.ChecksUnanswered} phones get no answer to their checks.");
        if (Fleet.Strays > 0) throw new LoadFault($"{Fleet.Strays} packets arrived that nobody had said.");
        foreach (Conversation conversation in _conversations)
        {
            var unheard = await Fleet.FindUnheardAsync(conversation.Last!);
            if (unheard.Count > 0) throw new LoadFault($"{unheard.Count} listeners' last packet is not the end of the last burst under their own key, among them phone {unheard[0]}.");
        }

        if (window.Presses.Denied > 0) throw new LoadFault($"{window.Presses.Denied} presses in free channels were denied.");
        if (Math.Abs(after - before) > ReferenceDrift * Math.Min(before, after))
            throw new LoadFault($"The plain sendmmsg before ({before:F2} us) and after ({after:F2} us) differ by more than 10 %.");
    }
}

/// <summary>Readings around the talk.</summary>
internal sealed record TalkWindow(
    ServerMetrics MetricsBefore, ServerMetrics MetricsAfter, FleetCount Before, FleetCount After, SidePresses Presses, double Seconds, double OwnCpuSeconds, double LongestPauseMs);
