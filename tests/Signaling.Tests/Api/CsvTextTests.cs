using System.Text;
using Comms.Signaling.Api;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Api;

/// <summary>Comma-separated text, RFC 4180.</summary>
public sealed class CsvTextTests
{
    [Theory]
    [InlineData("a,b\r\nc,d\r\n", "1:a|b 2:c|d")]
    [InlineData("a,b\nc,d", "1:a|b 2:c|d")]
    [InlineData("a,\r\n\r\n,b\r\n", "1:a| 3:|b")]
    [InlineData("\"x, \"\"y\"\"\",b\r\n", "1:x, \"y\"|b")]
    [InlineData("\"two\r\nlines\",b\r\nc,d\r\n", "1:two\r\nlines|b 3:c|d")]
    [InlineData("", "")]
    public void Records_are_read_with_the_line_they_begin_on(string text, string expected)
    {
        Assert.True(CsvText.TryRead(text, 100, out List<CsvRecord> records, out string fault), fault);
        Assert.Equal(expected, string.Join(' ', records.Select(record => $"{record.Line}:{string.Join('|', record.Cells)}")));
    }

    [Theory]
    [InlineData("a,b\r\n\"c,d\r\n", "line 2")]
    [InlineData("\"a\"b,c", "line 1")]
    [InlineData("1\n2\n3\n4\n", "more than 3 lines")]
    public void What_cannot_be_read_is_refused_with_its_place(string text, string place)
    {
        Assert.False(CsvText.TryRead(text, 3, out _, out string fault));
        Assert.StartsWith(place, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        string[] cells = ["plain", "a,b", "say \"hi\"", "two\r\nlines", "", "桥"];
        var text = new StringBuilder();
        CsvText.Write(text, cells);
        Assert.True(CsvText.TryRead(text.ToString(), 1, out List<CsvRecord> records, out _));
        Assert.Equal(cells, Assert.Single(records).Cells);
    }

    [Fact]
    public void Mutated_files_are_read_or_refused() => Fuzz.Run(
        [Encoding.UTF8.GetBytes("id,nameZh\r\n\"a\"\"b\",\"x,\r\ny\"\r\ncam-1,桥\r\n")],
        seed: 4180,
        bytes => CsvText.TryRead(CameraImport.Decode(bytes), 50, out _, out _));
}
