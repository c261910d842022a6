using Comms.Media.Io;
using Comms.Media.Numbers;
using Xunit;

namespace Comms.Media.Tests.Io;

public class LoopLoadTests
{
    private static readonly Instant Start = new(1_000_000_000_000);

    [Fact]
    public void A_loop_that_works_a_quarter_of_the_time_says_so_and_forgets_it_when_it_rests()
    {
        var load = new LoopLoad(Start);
        for (int ms = 0; ms < 1_000; ms += 4) load.OnTurn(Start.AddMs(ms), Start.AddMs(ms + 1));
        Assert.InRange(load.Permille, 248, 252);
        load.OnTurn(Start.AddMs(2_000), Start.AddMs(2_000));
        load.OnTurn(Start.AddMs(3_000), Start.AddMs(3_000));
        Assert.InRange(load.Permille, 0, 1);
        load.OnTurn(Start.AddMs(3_000), Start.AddMs(3_700));
        Assert.Equal(1_000, load.Permille);
    }
}
