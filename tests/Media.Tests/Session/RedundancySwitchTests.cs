using Comms.Media.Numbers;
using Comms.Media.Session;
using Xunit;

namespace Comms.Media.Tests.Session;

public class RedundancySwitchTests
{
    private RedundancySwitch _switch;
    private Instant _now = new(1_000_000_000_000);
    private uint _highest = 5_000;
    private ushort _next = 5_001;

    [Fact]
    public void More_than_five_per_cent_turns_it_on_and_two_reports_below_two_per_cent_off()
    {
        Assert.False(Report(percent: 4));
        Assert.True(Report(percent: 6));
        Assert.True(Report(percent: 3));
        Assert.True(Report(percent: 1));
        Assert.True(Report(percent: 3));
        Assert.True(Report(percent: 1));
        Assert.False(Report(percent: 1));
    }

    [Fact]
    public void It_never_changes_twice_in_ten_seconds()
    {
        Assert.True(Report(percent: 20));
        Assert.True(Report(percent: 0, afterMs: 3_000));
        Assert.True(Report(percent: 0, afterMs: 3_000));
        Assert.False(Report(percent: 0, afterMs: 5_000));
        Assert.False(Report(percent: 20, afterMs: 5_000));
        Assert.True(Report(percent: 20, afterMs: 5_000));
    }

    [Fact]
    public void A_report_on_few_packets_says_nothing()
    {
        Report(percent: 0);
        Assert.False(Report(percent: 50, packets: 7));
        Assert.True(Report(percent: 50, packets: 1));
    }

    [Fact]
    public void Numbers_before_a_change_keep_what_they_had_also_across_the_wrap()
    {
        _next = 65_530;
        Report(percent: 20);
        Assert.False(_switch.IsOnAt(unchecked((ushort)(_next - 11))));
        ushort changed = unchecked((ushort)(_next - 10));
        for (int i = 0; i < 200_000; i++) Assert.True(_switch.IsOnAt((ushort)(changed + i)));
    }

    private bool Report(int percent, int afterMs = 6_000, uint packets = 10)
    {
        _now = _now.AddMs(afterMs);
        _highest += packets;
        _switch.OnReport((byte)(percent * 256 / 100), _highest, _next, _now);
        _next += 10;
        return _switch.IsOn;
    }
}
