using System.Text.RegularExpressions;
using System.Xml.Linq;
using Xunit;

namespace Comms.Repo.Tests;

/// <summary>Who may know whom: Media and Grains know nothing of ours, and only named folders touch the outside world.</summary>
public sealed partial class LayeringTests
{
    /// <summary>Folders that own sockets, processes, files, threads and clocks.</summary>
    private static readonly string[] OutsideWorldFolders =
    [
        "src/Media/Io/",
        "src/Signaling/Hosting/",
        "src/Signaling/Store/",
        "src/Signaling/Sip/Transport/",
    ];

    [Theory]
    [InlineData("src/Media/Comms.Media.csproj", "")]
    [InlineData("src/Grains/Comms.Grains.csproj", "")]
    [InlineData("src/Signaling/Comms.Signaling.csproj", "Comms.Grains.csproj,Comms.Media.csproj")]
    public void A_project_references_only_the_layers_below_it(string project, string allowed)
    {
        var references = XDocument.Parse(Repository.Read(project)).Descendants("ProjectReference")
            .Select(r => Path.GetFileName(r.Attribute("Include")!.Value))
            .Order();

        Assert.Equal(allowed, string.Join(',', references));
    }

    [Fact]
    public void Media_knows_neither_Orleans_nor_AspNetCore()
    {
        var packages = XDocument.Parse(Repository.Read("src/Media/Comms.Media.csproj")).Descendants()
            .Where(e => e.Name.LocalName is "PackageReference" or "FrameworkReference")
            .Select(e => e.Attribute("Include")!.Value);

        Assert.DoesNotContain(packages, p => p.Contains("Orleans") || p.Contains("AspNetCore"));
    }

    [Fact]
    public void Grains_and_Media_never_name_each_other()
    {
        var offenders = from file in Repository.FilesUnder("src/Media/", ".cs").Concat(Repository.FilesUnder("src/Grains/", ".cs"))
                        let other = file.StartsWith("src/Media/", StringComparison.Ordinal) ? "Comms.Grains" : "Comms.Media"
                        let text = Repository.Read(file)
                        where text.Contains(other, StringComparison.Ordinal) || text.Contains("Comms.Signaling", StringComparison.Ordinal)
                        where !file.EndsWith("AssemblyInfo.cs", StringComparison.Ordinal)
                        select file;

        Offenders.None(offenders);
    }

    [Fact]
    public void Only_the_named_folders_touch_sockets_processes_files_and_clocks()
    {
        var offenders = from file in Repository.FilesUnder("src/", ".cs")
                        where !OutsideWorldFolders.Any(f => file.StartsWith(f, StringComparison.Ordinal))
                        from line in Repository.ReadLines(file).Select((text, index) => (text, number: index + 1))
                        let code = line.text.TrimStart()
                        where !code.StartsWith("//", StringComparison.Ordinal)
                        let match = OutsideWorld().Match(code)
                        where match.Success
                        select $"{file}:{line.number}: {match.Value}";

        Offenders.None(offenders);
    }

    [Fact]
    public void The_scan_for_the_outside_world_finds_what_it_looks_for()
    {
        string[] samples =
        [
            "var now = DateTime.UtcNow;", "await Task.Delay(10);", "Thread.Sleep(1);", "var s = new Socket(a, b, c);",
            "Process.Start(info);", "File.ReadAllText(path)", "var r = new Random(1);", "Stopwatch.GetTimestamp()",
        ];

        Assert.All(samples, s => Assert.Matches(OutsideWorld(), s));
        Assert.DoesNotMatch(OutsideWorld(), "Results.File(bytes)");
        Assert.DoesNotMatch(OutsideWorld(), "Directory.FindAccount(name)");
        Assert.DoesNotMatch(OutsideWorld(), "time.GetUtcNow()");
    }

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Utc)?Now\b|\bTask\.Delay\(|\bThread\.Sleep\(|\bStopwatch\b|\bEnvironment\.TickCount|\bRandom\.Shared\b|\bnew Random\(|\bnew Socket\(|\bnew (Tcp|Udp)(Client|Listener)\(|\bProcess\.Start\(|\bnew Process\b|(?<![\w.])(System\.IO\.)?(File|Directory)\.(Read|Write|Append|Create|Delete|Exists|Move|Copy|Open|Replace|Enumerate|Set|Get(Files|Directories|FileSystem|Unix|Last|Creation|Attributes|Current|Parent))\w*\(|\bTimeProvider\.System\b")]
    private static partial Regex OutsideWorld();
}
