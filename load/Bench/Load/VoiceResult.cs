using System.Globalization;
using Comms.Phones;
using Comms.Phones.Figures;

namespace Comms.Bench.Load;

/// <summary>The figures of one ./bench voice, as a table and as the line of JSON.</summary>
internal sealed class VoiceResult(
    VoiceOptions options, Crowd crowd, Conversation[] conversations, TalkWindow window, double joinSeconds, double before, double after, BrowserHearing browser)
{
    private readonly double _sent = window.MetricsAfter.SrtpSent - window.MetricsBefore.SrtpSent;
    private readonly Histogram _grants = Merge(conversations.Select(conversation => conversation.Grants).Append(window.Presses.Grants));
    private readonly Histogram _taken = conversations[0].TakenByAll;
    private readonly Histogram _arrivals = crowd.Fleet.Arrivals(0);

    private PhoneFleet Fleet => crowd.Fleet;

    private long Lost => conversations.Sum(conversation => conversation.Missing) + window.After.Lost - window.Before.Lost;

    private long Wrong => window.After.Wrong - window.Before.Wrong;

    private long Late => Enumerable.Range(0, conversations.Length).Sum(Fleet.Late);

    private double LoopUsPerPacket => (window.MetricsAfter.LoopCpuSeconds - window.MetricsBefore.LoopCpuSeconds) * 1e6 / _sent;

    private double Plain => (before + after) / 2;

    public void Print()
    {
        Console.WriteLine();
        Row("capture to arrival", _arrivals);
        for (int channel = 1; channel < conversations.Length; channel++) Row($"capture to arrival, channel {channel + 1}", Fleet.Arrivals(channel));
        Row("floor grant", _grants);
        Row("floor taken, last of all", _taken);
        Note($"bursts {conversations.Sum(conversation => conversation.Bursts)}, late by channel {string.Join(" ", Enumerable.Range(0, conversations.Length).Select(Fleet.Late))}");
        Note($"plain sendmmsg {before:F2} us before, {after:F2} us after; media loops {LoopUsPerPacket:F2} us per packet");
        Note($"web socket and hub {KbPerPhone(crowd.Greeted.RssMb - crowd.Before.RssMb):F1} kB a phone, voice {KbPerPhone(crowd.Joined.RssMb - crowd.Greeted.RssMb):F1} kB");
        Note($"garbage collections by generation: {window.MetricsAfter.DescribePausesSince(window.MetricsBefore)}");
        Figures.PrintJson(Json());
    }

    /// <summary>Why the run did not do its work; null when it did.</summary>
    public string? Failures()
    {
        if (Lost > 0 || Wrong > 0) return $"{Lost} packets were lost and {Wrong} were wrong.";
        long expected = conversations.Sum(conversation => conversation.Received) + browser.Share(conversations[0].PacketsOfOne);
        if (Math.Abs(_sent - expected) > 0.5) return $"The server counts {_sent} SRTP packets, the listeners {expected}.";
        string unreached = conversations.Select(conversation => conversation.TakenFault).FirstOrDefault(fault => fault.Length > 0) ?? "";
        return unreached.Length > 0 ? unreached + "." : browser.Fault;
    }

    private static Histogram Merge(IEnumerable<Histogram> parts)
    {
        var all = new Histogram();
        foreach (Histogram part in parts) all.Add(part);
        return all;
    }

    private static object Percentiles(Histogram times) => new
    {
        n = times.Count,
        p50 = Figures.Round(times.PercentileMs(0.5)),
        p95 = Figures.Round(times.PercentileMs(0.95)),
        p99 = Figures.Round(times.PercentileMs(0.99)),
    };

    private static void Row(string name, Histogram times) => Note(
        $"{name,-34}n {times.Count,9}   p50 {times.PercentileMs(0.5),7:F1}   p95 {times.PercentileMs(0.95),7:F1}   p99 {times.PercentileMs(0.99),7:F1} ms");

    private static void Note(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));

    private double KbPerPhone(double mb) => mb * 1024 / Fleet.PhoneCount;

    private object Json() => new
    {
        listeners = options.Phones,
        joined = Math.Min(Fleet.Heard, Fleet.PhoneCount - 2 * VoiceOptions.SideChannels) + browser.Joined,
        control = new { tcp = Fleet.TcpCount, h2 = Fleet.H2Count },
        join_seconds = Figures.Round(joinSeconds),
        talk_seconds = Figures.Round(window.Seconds),
        frame_ms = Fleet.FrameMs(0),
        packets_sent = (long)_sent,
        packets_lost = Lost,
        packets_wrong = Wrong,
        late = Late,
        capture_to_arrival_ms = Percentiles(_arrivals),
        chromium_ear_ms = Figures.Round(browser.EarMs),
        chromium_concealed_pct = Figures.Round(browser.ConcealedPercent),
        floor_grant_ms = Percentiles(_grants),
        floor_taken_all_ms = Percentiles(_taken),
        server_cpu_cores = Figures.Round((window.MetricsAfter.Process.CpuSeconds - window.MetricsBefore.Process.CpuSeconds) / window.Seconds),
        generator_cpu_cores = Figures.Round(window.OwnCpuSeconds / window.Seconds),
        loop_cpu_us_per_packet = Figures.Round(LoopUsPerPacket),
        plain_sendmmsg_us_per_packet = Figures.Round(Plain),
        ratio_to_sendmmsg = Figures.Round(LoopUsPerPacket / Plain),
        server_rss_mb = Figures.Round(window.MetricsAfter.Process.RssMb),
        kb_per_listener = Figures.Round(KbPerPhone(crowd.Joined.RssMb - crowd.Greeted.RssMb)),
        bytes_allocated_per_packet = Figures.Round((window.MetricsAfter.LoopAllocatedBytes - window.MetricsBefore.LoopAllocatedBytes) / _sent),
        gc_pause_ms_max = Figures.Round(Math.Min(window.LongestPauseMs, window.MetricsAfter.LongestPauseMsSince(window.MetricsBefore))),
        early_flushes = window.MetricsAfter.EarlyFlushes - window.MetricsBefore.EarlyFlushes,
    };
}
