using System.Diagnostics;
using Comms.Phones;
using Comms.Phones.Io;
using Comms.Phones.Media;
using Comms.Support;

namespace Comms.Bench.Load;

/// <summary>A fleet on its way: lets it in, watches that it stays, and says what the way in took.</summary>
internal sealed class Crowd(LoadServer server, PhoneFleet fleet) : IDisposable
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan JoinLimit = TimeSpan.FromMinutes(5);

    public PhoneFleet Fleet { get; } = fleet;

    /// <summary>Monotonic, when the first phone set out.</summary>
    public long StartedNs { get; private set; }

    public ProcessFigures Before { get; private set; }

    public ProcessFigures Greeted { get; private set; }

    public ProcessFigures Joined { get; private set; }

    public double GreetSeconds { get; private set; }

    public double VoiceSeconds { get; private set; }

    /// <summary>Brings all phones into the hub and then into their channels.</summary>
    public async Task EnterAsync(bool isQuiet = false)
    {
        Before = Process();
        StartedNs = Clocks.MonotonicNs;
        var watch = Stopwatch.StartNew();
        Fleet.Connect();
        await WaitAsync("hub", () => Fleet.Greeted, isQuiet);
        GreetSeconds = watch.Elapsed.TotalSeconds;
        Greeted = Process();
        Fleet.OpenVoice();
        await WaitAsync("voice", () => Fleet.Joined, isQuiet);
        VoiceSeconds = watch.Elapsed.TotalSeconds - GreetSeconds;
        Joined = Process();
    }

    /// <summary>Throws when a phone has fallen out.</summary>
    public void CheckAll()
    {
        if (Fleet.Failed > 0) throw new LoadFault($"{Fleet.Failed} phones are not connected; {Fleet.Fault}.");
    }

    public ProcessFigures Process() => server.ProcessId == 0 ? default : ProcessFigures.Read(server.ProcessId);

    public void Dispose() => Fleet.Dispose();

    /// <summary>Ten seconds of speech at 16 kHz, as phones send it.</summary>
    public static Speech MakeSpeech()
    {
        float[] samples = BandFilter.Resample(SpeechClips.Read(SpeechClips.Dispatcher), 16_000, 50, 7_600);
        return Speech.Encode(Array.ConvertAll(samples, sample => (short)Math.Clamp(sample * 32_767, -32_768, 32_767)));
    }

    private async Task WaitAsync(string what, Func<int> count, bool isQuiet)
    {
        using var timer = new PeriodicTimer(PollEvery);
        var watch = Stopwatch.StartNew();
        while (count() < Fleet.PhoneCount)
        {
            CheckAll();
            if (watch.Elapsed > JoinLimit) throw new LoadFault($"After {JoinLimit.TotalMinutes} minutes only {count()} of {Fleet.PhoneCount} phones are in ({what}).");
            if (!isQuiet) Console.Write($"\r{what}: {count()} of {Fleet.PhoneCount} phones   ");
            await timer.WaitForNextTickAsync();
        }

        if (!isQuiet) Console.WriteLine($"\r{what}: {count()} phones in {watch.Elapsed.TotalSeconds:F1} s   ");
    }
}
