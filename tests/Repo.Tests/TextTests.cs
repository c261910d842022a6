using System.Text.RegularExpressions;
using Xunit;

namespace Comms.Repo.Tests;

/// <summary>What no file may hold, and how long one may be.</summary>
public sealed partial class TextTests
{
    private const int LongestFileLines = 500;
    private const int LongestTestFileLines = 600;
    private const int LongestClientFileLines = 250;

    /// <summary>Tables and published vectors, exempt by name.</summary>
    private static readonly string[] TableEndings = ["Vectors.cs", "Tables.cs"];

    [Fact]
    public void No_source_file_is_longer_than_its_bound()
    {
        var offenders = from file in Repository.FilesUnder("", ".cs", ".ts", ".tsx")
                        where !TableEndings.Any(e => file.EndsWith(e, StringComparison.Ordinal))
                        let bound = file.StartsWith("web-client/", StringComparison.Ordinal) ? LongestClientFileLines
                            : file.StartsWith("tests/", StringComparison.Ordinal) ? LongestTestFileLines
                            : LongestFileLines
                        let lines = Repository.ReadLines(file).Length
                        where lines > bound
                        select $"{file}: {lines} lines, the bound is {bound}";

        Offenders.None(offenders);
    }

    [Fact]
    public void No_file_holds_unfinished_work_or_skips_a_test()
    {
        var offenders = from hit in Lines("src/", "tests/", "load/", "web-client/src/")
                        where !hit.File.StartsWith("tests/Repo.Tests/", StringComparison.Ordinal)
                        where Unfinished().IsMatch(hit.Text)
                        select $"{hit.File}:{hit.Number}: {hit.Text.Trim()}";

        Offenders.None(offenders);
    }

    [Fact]
    public void Every_type_has_a_summary()
    {
        var offenders = from file in Repository.FilesUnder("src/", ".cs")
                        let lines = Repository.ReadLines(file)
                        from index in Enumerable.Range(0, lines.Length)
                        where PublicType().IsMatch(lines[index])
                        let above = Enumerable.Range(1, index).Select(back => lines[index - back].TrimStart())
                            .First(l => !l.StartsWith('[') && !l.StartsWith(')') && !l.StartsWith("[property", StringComparison.Ordinal))
                        where !above.StartsWith("///", StringComparison.Ordinal)
                        select $"{file}:{index + 1}: {lines[index].Trim()}";

        Offenders.None(offenders);
    }

    [Fact]
    public void No_file_names_a_package_registry_or_a_path_of_a_machine()
    {
        var offenders = from file in Repository.Files
                        where !file.StartsWith("tests/Repo.Tests/", StringComparison.Ordinal) && !IsBinary(file)
                        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
                        where Registry().IsMatch(line.text)
                        select $"{file}:{line.number}";

        Offenders.None(offenders);
    }

    [Fact]
    public void No_lock_file_records_a_download_address()
    {
        var offenders = from file in Repository.FilesUnder("", "package-lock.json", "packages.lock.json")
                        where Repository.Read(file).Contains("\"resolved\"", StringComparison.Ordinal)
                        select file;

        Offenders.None(offenders);
    }

    [Fact]
    public void Every_relative_link_of_a_document_leads_to_a_file()
    {
        var offenders = from file in Repository.FilesUnder("", ".md")
                        from Match link in MarkdownLink().Matches(Repository.Read(file))
                        let target = link.Groups[1].Value.Split('#')[0]
                        where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal) && !target.StartsWith("mailto:", StringComparison.Ordinal)
                        let path = Path.Combine(Repository.Root, Path.GetDirectoryName(file)!, target)
                        where !File.Exists(path) && !Directory.Exists(path)
                        select $"{file}: {target}";

        Offenders.None(offenders);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("test")]
    [InlineData("bench")]
    public void The_three_commands_can_be_executed(string command) =>
        Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, command)).HasFlag(UnixFileMode.UserExecute));

    private static IEnumerable<(string File, int Number, string Text)> Lines(params string[] folders) =>
        from folder in folders
        from file in Repository.FilesUnder(folder, ".cs", ".ts", ".tsx")
        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
        select (file, line.number, line.text);

    private static bool IsBinary(string file) =>
        Path.GetExtension(file) is ".png" or ".ico" or ".pcap" or ".pcapng" or ".wav" or ".bin" or ".woff2" or ".webp";

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b|NotImplementedException|\bSkip\s*=\s*""|\b(it|test|describe)\.(skip|only|todo)\(|#region|\bThread\.Sleep\(|\bTask\.Delay\(")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^\s*(public|internal)\s+(sealed |static |abstract |readonly |partial |unsafe |ref )*(class|struct|record|enum|interface)\b")]
    private static partial Regex PublicType();

    // In pieces, so that this file does not hold what it forbids.
    [GeneratedRegex(@"(registry\.npm" + @"js|api\.nu" + @"get|nuget\.or" + @"g|deb\.deb" + @"ian|security\.deb" + @"ian)\b|(?<![\w.])/(work|home|root)/\w+|/tmp/bash" + "_jobs")]
    private static partial Regex Registry();

    [GeneratedRegex(@"\[[^\]]*\]\(([^)\s]+)\)")]
    private static partial Regex MarkdownLink();
}
