using Comms.Grains.Contracts;
using Comms.Grains.Directory;
using Xunit;

namespace Comms.Grains.Tests.Directory;

/// <summary>Pages are in id order, complete, and never a mixture of before and after.</summary>
public sealed class IndexTableTests
{
    private readonly IndexTable<string> _table = new();

    [Fact]
    public void Pages_lead_through_twenty_thousand_items_in_order_without_repeat()
    {
        for (int i = 19_999; i >= 0; i--)
        {
            _table.Set($"u{i:D5}", $"Unit {i}");
        }

        var seen = new List<string>();
        string? after = "";
        while (after is not null)
        {
            Page<string> page = _table.Query(after, 1000, _ => true, item => item);
            Assert.Equal(20_000, page.Total);
            seen.AddRange(page.Items);
            after = page.Next;
        }

        Assert.Equal(Enumerable.Range(0, 20_000).Select(i => $"Unit {i}"), seen);
    }

    [Fact]
    public void Matching_items_are_counted_and_paged_alone()
    {
        for (int i = 0; i < 100; i++)
        {
            _table.Set($"{i:D3}", i % 10 == 0 ? "fire" : "police");
        }

        Page<string> page = _table.Query("", 4, item => item == "fire", item => item);
        Assert.Equal((10, 4, "030"), (page.Total, page.Items.Count, page.Next));
        Assert.Null(_table.Query("050", 4, item => item == "fire", item => item).Next);
    }

    [Fact]
    public void Change_and_removal_show_in_the_next_page()
    {
        Assert.True(_table.Set("a", "1"));
        Assert.False(_table.Set("a", "1"));
        Assert.Equal(["1"], All());
        Assert.True(_table.Set("a", "2"));
        Assert.Equal(["2"], All());
        Assert.True(_table.Remove("a"));
        Assert.False(_table.Remove("a"));
        Assert.Empty(All());
    }

    [Fact]
    public async Task Pages_read_while_others_write_are_sorted_and_end_complete()
    {
        Task writing = Task.Run(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                _table.Set($"{i:D5}", $"{i:D5}");
            }
        });
        while (!writing.IsCompleted)
        {
            IReadOnlyList<string> page = All();
            Assert.Equal(page.Order(StringComparer.Ordinal), page);
        }

        await writing;
        Assert.Equal(5000, All().Count);
    }

    private IReadOnlyList<string> All() => _table.Query("", int.MaxValue, _ => true, item => item).Items;
}
