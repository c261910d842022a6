using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Impairment;

public sealed class ImpairmentPlanTests
{
    private const int Packets = 20_000;

    private static readonly Support.Impairment Bad = new()
    {
        Loss = 0.1, MeanLossBurst = 3, DelayMs = 20, JitterMs = 30, Reorder = 0.05, ReorderMs = 45, Duplicate = 0.02,
    };

    [Fact]
    public void The_same_seed_gives_every_packet_the_same_fate_and_another_seed_another()
    {
        Assert.Equal(Run(Bad, 7), Run(Bad, 7));
        Assert.NotEqual(Run(Bad, 7), Run(Bad, 8));
    }

    [Fact]
    public void A_perfect_link_changes_nothing()
    {
        Assert.All(Run(Support.Impairment.None, 1).Index(), packet => Assert.Equal(new ArrivalTimes(1, packet.Index * 20), packet.Item));
    }

    [Theory]
    [InlineData(0.02, 1)]
    [InlineData(0.10, 1)]
    [InlineData(0.10, 4)]
    [InlineData(1, 1)]
    public void Loss_has_the_share_and_the_mean_length_asked_for(double loss, double burst)
    {
        var fates = Run(new Support.Impairment { Loss = loss, MeanLossBurst = burst }, 3).Select(fate => fate.Copies == 0).ToArray();
        int lost = fates.Count(isLost => isLost);
        Assert.InRange(lost / (double)Packets, loss * 0.85, Math.Min(1, loss * 1.15));
        int runs = fates.Where((isLost, at) => isLost && (at == 0 || !fates[at - 1])).Count();
        if (loss < 1 && burst > 1) Assert.InRange(lost / (double)runs, burst * 0.85, burst * 1.15);
    }

    [Fact]
    public void Jitter_keeps_the_order_and_only_the_held_packets_are_overtaken()
    {
        var link = new Support.Impairment { DelayMs = 10, JitterMs = 80 };
        double[] arrivals = [.. Run(link, 5).Select(fate => fate.AtMs)];
        Assert.Equal(arrivals.Order(), arrivals);
        Assert.All(arrivals.Index(), packet => Assert.InRange(packet.Item - packet.Index * 20, 10, 90));

        double[] mixed = [.. Run(link with { Reorder = 0.05, ReorderMs = 200 }, 5).Select(fate => fate.AtMs)];
        int overtaken = Enumerable.Range(0, Packets - 1).Count(at => mixed[at] > mixed[at + 1]);
        Assert.InRange(overtaken / (double)Packets, 0.04, 0.06);
    }

    [Fact]
    public void Twins_have_the_share_asked_for()
    {
        Assert.InRange(Run(new Support.Impairment { Duplicate = 0.02 }, 9).Count(fate => fate.Copies == 2) / (double)Packets, 0.015, 0.025);
    }

    private static ArrivalTimes[] Run(Support.Impairment link, ulong seed)
    {
        var plan = new ImpairmentPlan(seed);
        return [.. Enumerable.Range(0, Packets).Select(at => plan.Next(link, at * 20))];
    }
}
