using Comms.Media.Crypto;
using Xunit;

namespace Comms.Media.Tests.Crypto;

/// <summary>The replay window against a set that remembers everything.</summary>
public sealed class ReplayWindowTests
{
    [Fact]
    public void Window_agrees_with_a_set_over_random_arrivals()
    {
        var random = new Support.SeededRandom(33);
        var window = default(ReplayWindow);
        var seen = new HashSet<ulong>();
        ulong highest = 0;
        for (int i = 0; i < 100_000; i++)
        {
            ulong step = (ulong)random.Next(i % 1000 == 0 ? 400 : 40);
            ulong index = highest + step > 20 ? highest + step - 20 : 0;
            bool expected = !seen.Contains(index) && (seen.Count == 0 || index + ReplayWindow.Size > highest);
            Assert.Equal(expected, window.Check(index));
            if (!expected) continue;
            window.Commit(index);
            seen.Add(index);
            highest = Math.Max(highest, index);
        }
    }

    [Fact]
    public void Index_zero_is_accepted_first_and_once()
    {
        var window = default(ReplayWindow);
        Assert.True(window.Check(0));
        window.Commit(0);
        Assert.False(window.Check(0));
    }

    [Fact]
    public void Check_changes_nothing()
    {
        var window = default(ReplayWindow);
        window.Commit(5);
        Assert.True(window.Check(1_000_000));
        Assert.True(window.Check(4));
        Assert.Equal(5ul, window.Highest);
    }
}
