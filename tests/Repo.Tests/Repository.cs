using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Comms.Repo.Tests;

/// <summary>The checkout under test: its root and the files that git tracks or would track.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    private static readonly Lazy<IReadOnlyList<string>> AllFiles = new(ListFiles);

    /// <summary>Paths relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> Files => AllFiles.Value;

    public static IEnumerable<string> FilesUnder(string folder, params string[] endings) =>
        Files.Where(f => f.StartsWith(folder, StringComparison.Ordinal)
            && (endings.Length == 0 || endings.Any(e => f.EndsWith(e, StringComparison.Ordinal))));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] ReadLines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Comms.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"No Comms.sln above the tests of {thisFile}.");
    }

    private static IReadOnlyList<string> ListFiles()
    {
        var start = new ProcessStartInfo("git", "ls-files --cached --others --exclude-standard")
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start) ?? throw new InvalidOperationException("git does not start.");
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        string[] files = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (files.Length == 0)
            throw new InvalidOperationException("git lists no file.");
        return [.. files.Where(f => File.Exists(Path.Combine(Root, f)))];
    }
}
