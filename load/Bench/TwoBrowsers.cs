using System.Globalization;
using Comms.Browser;
using Comms.Support;

namespace Comms.Bench;

/// <summary>
/// Two real Chromium pages in one channel of a real server. Press to heard: from the pointer going down to the first sound
/// at the listener. Capture to ear: the same speech in the talker's microphone track and in the listener's decoded track.
/// The same microphone through a peer connection inside one page is the browser's own share, measured in the same run.
/// </summary>
internal static class TwoBrowsers
{
    private const double BurstSeconds = 4;
    private const double AudibleLevel = 0.02;

    public static async Task<int> RunAsync(string[] arguments)
    {
        int presses = Argument.Number(arguments, "--presses", 20);
        await using var city = await DemoCity.StartAsync();
        await using var talkerBrowser = await Chromium.LaunchAsync(SpeechClips.Dispatcher);
        await using var listenerBrowser = await Chromium.LaunchAsync(SpeechClips.Responder);
        var talker = await city.StandInAsync(talkerBrowser, city.Responders[0], DemoCity.IncidentChannel);
        var listener = await city.StandInAsync(listenerBrowser, city.Responders[1], DemoCity.IncidentChannel);

        var grant = new Figures("press to granted");
        var heard = new Figures("press to heard");
        var ear = new Figures("capture to ear");
        var loopback = new Figures("capture to ear, browser alone");
        var concealment = new BurstConcealment(default, default, default, 0);
        int silent = 0;
        for (int i = 0; i < presses; i++)
        {
            Console.Write($"\rpress {i + 1} of {presses}");
            int said = await talker.StartRecordingMicrophoneAsync();
            int received = await listener.StartRecordingSlotAsync();
            await listener.StartWatchingAudioAsync();
            await listener.RecordForAsync(received, 0.3);
            var times = await talker.PressTimedAsync();
            grant.Add(times.GrantedMs - times.PressedMs);
            await talker.RecordForAsync(said, BurstSeconds);
            await talker.ReleaseAsync();
            await listener.WaitForStateAsync("ptt-state", "idle");
            await listener.RecordForAsync(received, 1);
            concealment += await listener.StopWatchingAudioAsync();
            var source = await talker.StopRecordingAsync(said);
            var output = await listener.StopRecordingAsync(received);

            double? first = FirstSoundMs(output, times.PressedMs);
            double? delay = SoundDelay.Measure(source, output);
            if (first is null || delay is null) silent++;
            if (first is not null) heard.Add(first.Value - times.PressedMs);
            if (delay is not null) ear.Add(delay.Value);
        }

        for (int i = 0; i < 5; i++)
        {
            var (source, output) = await talker.RecordLoopbackAsync(BurstSeconds);
            if (SoundDelay.Measure(source, output) is { } delay) loopback.Add(delay);
        }

        Console.WriteLine();
        Figures.PrintTable(grant, heard, ear, loopback);
        Console.WriteLine($"bursts that were not heard: {silent}");
        PrintConcealment(concealment);
        Figures.PrintJson(new
        {
            presses,
            bursts_not_heard = silent,
            press_to_granted_ms = grant.ToJson(),
            press_to_heard_ms = heard.ToJson(),
            capture_to_ear_ms = ear.ToJson(),
            browser_alone_capture_to_ear_ms = loopback.ToJson(),
            ratio_to_browser_alone = Figures.Round(ear.Median / loopback.Median),
            concealed_pct = Figures.Round(concealment.BurstPercent),
            concealed_inside_pct = Figures.Round(concealment.Inside.ConcealedPercent),
            concealed_at_start_ms = Figures.Round(concealment.MsPerBurst(concealment.Start.AudiblyConcealed)),
            concealed_at_start_silently_ms = Figures.Round(concealment.MsPerBurst(concealment.Start.SilentConcealed)),
            concealed_after_end_ms = Figures.Round(concealment.MsPerBurst(concealment.End.AudiblyConcealed)),
        });
        return silent == 0 ? 0 : 1;
    }

    private static void PrintConcealment(BurstConcealment sum)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"concealed while bursts played: {sum.BurstPercent:F2} % (behind their first half second {sum.Inside.ConcealedPercent:F2} %)"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"concealed per burst, audible + silent, ms: start {sum.MsPerBurst(sum.Start.AudiblyConcealed):F0} + {sum.MsPerBurst(sum.Start.SilentConcealed):F0}, "
            + $"inside {sum.MsPerBurst(sum.Inside.AudiblyConcealed):F0} + {sum.MsPerBurst(sum.Inside.SilentConcealed):F0}, "
            + $"behind its end and in the pause {sum.MsPerBurst(sum.End.AudiblyConcealed):F0} + {sum.MsPerBurst(sum.End.SilentConcealed):F0}"));
    }

    private static double? FirstSoundMs(Recording recording, double notBeforeMs)
    {
        int from = Math.Max(0, (int)((notBeforeMs - recording.StartedMs) * 48));
        for (int i = from; i < recording.Samples.Length; i++)
        {
            if (Math.Abs(recording.Samples[i]) >= AudibleLevel)
                return recording.StartedMs + i / 48.0;
        }

        return null;
    }
}
