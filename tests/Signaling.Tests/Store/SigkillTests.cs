using System.Diagnostics;
using System.Globalization;
using Comms.Grains.Contracts;
using Comms.Signaling.Store;
using Xunit;

namespace Comms.Signaling.Tests.Store;

/// <summary>A server killed in the middle of writing has everything that it acknowledged.</summary>
public sealed class SigkillTests : IDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("comms-kill-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Killed_server_has_every_acknowledged_account_and_channel_after_a_restart()
    {
        int acknowledged = 0;
        for (int life = 1; life <= 2; life++)
        {
            acknowledged = Math.Max(acknowledged, await WriteAndKillAsync(minimum: 100 * life));
        }

        await using StoreServer server = await StoreServer.StartAsync(
            new StoreOptions { DataFolder = _folder.FullName, MinFreeDiskMb = 8 });
        for (int number = 1; number <= acknowledged; number++)
        {
            string id = number.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(id, server.Index.FindAccount(id)?.DisplayName);
            Assert.Equal(id, (await server.Grains.GetGrain<IAccountGrain>(id).GetSecret())?.PasswordHash);
            Assert.Equal(id, server.Index.FindChannelByNumber(id)?.Id);
        }
    }

    private async Task<int> WriteAndKillAsync(int minimum)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        start.ArgumentList.Add(typeof(StoreWriter).Assembly.Location);
        start.ArgumentList.Add(_folder.FullName);
        using Process writer = Process.Start(start)!;
        int last = 0;
        while (last < minimum && await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            last = int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out int id) ? id : last;
        }

        writer.Kill();
        string rest = await writer.StandardOutput.ReadToEndAsync();
        await writer.WaitForExitAsync();
        Assert.True(last >= minimum, $"The writer ended by itself after {last} writes.");

        // Whole lines only: the last one may have been cut by the kill.
        string[] lines = rest[..(rest.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.Length == 0 ? last : int.Parse(lines[^1], CultureInfo.InvariantCulture);
    }
}
