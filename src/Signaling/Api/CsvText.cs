using System.Text;

namespace Comms.Signaling.Api;

/// <summary>Comma-separated text, RFC 4180: quoted cells may hold commas, quotes and line ends. Pure.</summary>
public static class CsvText
{
    private const char Quote = '"';

    /// <summary>
    /// Reads every record; empty lines are left out. False, with the reason, for a quote that is never closed, text behind a
    /// closing quote, or more than <paramref name="maxRecords"/> records. Never throws.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<char> text, int maxRecords, out List<CsvRecord> records, out string fault)
    {
        records = [];
        fault = "";
        var cells = new List<string>();
        int line = 1;
        while (!text.IsEmpty)
        {
            int first = line;
            cells.Clear();
            if (!TryReadRecord(ref text, ref line, cells))
            {
                fault = $"line {first}: a quote is not closed, or text follows its end";
                return false;
            }

            if (cells is [""]) continue;
            if (records.Count == maxRecords)
            {
                fault = $"more than {maxRecords} lines";
                return false;
            }

            records.Add(new CsvRecord(first, [.. cells]));
        }

        return true;
    }

    /// <summary>Writes one record with its line end.</summary>
    public static void Write(StringBuilder text, IEnumerable<string> cells)
    {
        bool isFirst = true;
        foreach (string cell in cells)
        {
            if (!isFirst) text.Append(',');
            isFirst = false;
            if (cell.AsSpan().IndexOfAny(",\"\r\n") < 0) text.Append(cell);
            else text.Append(Quote).Append(cell.Replace("\"", "\"\"", StringComparison.Ordinal)).Append(Quote);
        }

        text.Append("\r\n");
    }

    private static bool TryReadRecord(ref ReadOnlySpan<char> text, ref int line, List<string> cells)
    {
        while (true)
        {
            if (!TryReadCell(ref text, ref line, out string cell)) return false;
            cells.Add(cell);
            if (text.IsEmpty) return true;
            char end = text[0];
            text = text[1..];
            if (end == ',') continue;
            if (end == '\r' && !text.IsEmpty && text[0] == '\n') text = text[1..];
            line++;
            return true;
        }
    }

    // Leaves the comma or line end that follows the cell.
    private static bool TryReadCell(ref ReadOnlySpan<char> text, ref int line, out string cell)
    {
        if (text.IsEmpty || text[0] != Quote)
        {
            int end = text.IndexOfAny(",\r\n");
            if (end < 0) end = text.Length;
            cell = text[..end].ToString();
            text = text[end..];
            return true;
        }

        var value = new StringBuilder();
        cell = "";
        text = text[1..];
        while (true)
        {
            int quote = text.IndexOf(Quote);
            if (quote < 0) return false;
            value.Append(text[..quote]);
            line += text[..quote].Count('\n');
            text = text[(quote + 1)..];
            if (text.IsEmpty || text[0] != Quote) break;
            value.Append(Quote);
            text = text[1..];
        }

        cell = value.ToString();
        return text.IsEmpty || text[0] is ',' or '\r' or '\n';
    }
}

/// <summary>One record and the line of the file on which it begins, counted from 1.</summary>
public sealed record CsvRecord(int Line, string[] Cells);
