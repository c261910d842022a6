using Xunit;

namespace Comms.Signaling.Tests;

/// <summary>A committed file that code writes: compared, or rewritten when COMMS_UPDATE_GENERATED is 1.</summary>
internal static class GeneratedFile
{
    private static readonly string Root = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static void Check(string relative, string expected)
    {
        string file = PathOf(relative);
        if (Environment.GetEnvironmentVariable("COMMS_UPDATE_GENERATED") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, expected);
        }

        Assert.True(File.Exists(file), $"{relative} is missing: run the tests once with COMMS_UPDATE_GENERATED=1.");
        Assert.True(expected == File.ReadAllText(file), $"{relative} is out of date: run the tests once with COMMS_UPDATE_GENERATED=1.");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Comms.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No Comms.sln above the tests.");
    }
}
