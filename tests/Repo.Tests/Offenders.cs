using Xunit;

namespace Comms.Repo.Tests;

/// <summary>Fails with every offending place on a line of its own, so that all can be mended at once.</summary>
internal static class Offenders
{
    public static void None(IEnumerable<string> offenders)
    {
        string[] found = [.. offenders];
        Assert.True(found.Length == 0, string.Join('\n', found));
    }
}
