namespace Comms.Browser;

/// <summary>
/// What a listening browser played and concealed, split by where in a burst it happened. A burst lasts while packets come in:
/// its first half second is its start, the time behind its last packet is its end (and the pause), all else is inside.
/// </summary>
public sealed record BurstConcealment(PlayedAudio Start, PlayedAudio Inside, PlayedAudio End, int Bursts)
{
    private const double StartMs = 500;

    /// <summary>No packet for so long ends a burst: more than the longest packet (120 ms) with the jitter of a busy machine.</summary>
    private const double PauseMs = 300;

    public PlayedAudio Total => Start + Inside + End;

    /// <summary>
    /// Audibly concealed samples of all that played while bursts played, in percent. The silence before a burst's first word is
    /// concealment too, in the browser's counting, but nobody hears it: it is reported apart.
    /// </summary>
    public double BurstPercent => (Start + Inside).ConcealedPercent;

    public double MsPerBurst(long samples) => Bursts == 0 ? 0 : samples / 48.0 / Bursts;

    public static BurstConcealment operator +(BurstConcealment a, BurstConcealment b) =>
        new(a.Start + b.Start, a.Inside + b.Inside, a.End + b.End, a.Bursts + b.Bursts);

    public static BurstConcealment Split(IReadOnlyList<AudioMoment> moments)
    {
        var sum = new BurstConcealment(default, default, default, 0);
        double began = double.NegativeInfinity;
        double lastPacket = double.NegativeInfinity;
        for (int i = 1; i < moments.Count; i++)
        {
            AudioMoment from = moments[i - 1], to = moments[i];
            var played = new PlayedAudio(to.Total - from.Total, to.Concealed - from.Concealed, to.SilentConcealed - from.SilentConcealed);
            if (to.Packets > from.Packets)
            {
                if (to.AtMs - lastPacket > PauseMs)
                {
                    began = to.AtMs;
                    sum = sum with { Bursts = sum.Bursts + 1 };
                }

                lastPacket = to.AtMs;
            }

            if (!IsBurstAt(moments, i)) sum = sum with { End = sum.End + played };
            else if (to.AtMs - began < StartMs) sum = sum with { Start = sum.Start + played };
            else sum = sum with { Inside = sum.Inside + played };
        }

        return sum;
    }

    /// <summary>Packets came before the moment and come at or after it, with less than a pause between them.</summary>
    private static bool IsBurstAt(IReadOnlyList<AudioMoment> moments, int at)
    {
        int before = at, after = at;
        while (before > 0 && moments[before].Packets == moments[before - 1].Packets) before--;
        while (after < moments.Count && moments[after].Packets == moments[after - 1].Packets) after++;
        return before > 0 && after < moments.Count && moments[after].AtMs - moments[before].AtMs <= PauseMs;
    }
}

/// <summary>The browser's counters at one moment of its clock, in milliseconds since 1970.</summary>
public readonly record struct AudioMoment(double AtMs, long Packets, long Concealed, long SilentConcealed, long Total);

/// <summary>Samples played, of them concealed, of those concealed with silence.</summary>
public readonly record struct PlayedAudio(long Total, long Concealed, long SilentConcealed)
{
    public long AudiblyConcealed => Concealed - SilentConcealed;

    /// <summary>Audibly concealed samples of all played, in percent.</summary>
    public double ConcealedPercent => Total == 0 ? 0 : 100.0 * AudiblyConcealed / Total;

    public static PlayedAudio operator +(PlayedAudio a, PlayedAudio b) =>
        new(a.Total + b.Total, a.Concealed + b.Concealed, a.SilentConcealed + b.SilentConcealed);
}
