using Comms.Signaling.Store;
using StackExchange.Redis;
using Xunit;

namespace Comms.Signaling.Tests.Store;

/// <summary>The silo on the embedded store: what was answered is there after a restart.</summary>
public sealed class EmbeddedStoreTests : StoreContractTests, IDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("comms-store-");

    protected override StoreOptions Options => new() { DataFolder = _folder.FullName, MinFreeDiskMb = 8 };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Second_server_on_the_same_folder_is_refused_with_a_sentence()
    {
        await using StoreServer server = await StoreServer.StartAsync(Options);
        StoreException refusal = await Assert.ThrowsAsync<StoreException>(() => StoreServer.StartAsync(Options));
        Assert.Contains("another server", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Store_of_a_newer_layout_is_refused_with_a_sentence()
    {
        await using (StoreServer server = await StoreServer.StartAsync(Options))
        {
            IDatabase database = await server.Connection.GetDatabaseAsync();
            await database.StringSetAsync("comms/store/version", 99);
        }

        StoreException refusal = await Assert.ThrowsAsync<StoreException>(() => StoreServer.StartAsync(Options));
        Assert.Contains("layout 99", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Folder_that_is_a_file_is_refused_with_a_sentence()
    {
        string file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "");
        StoreException refusal = await Assert.ThrowsAsync<StoreException>(
            () => StoreServer.StartAsync(Options with { DataFolder = file }));
        Assert.Contains(file, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disk_without_room_is_refused_with_a_sentence()
    {
        StoreException refusal = await Assert.ThrowsAsync<StoreException>(
            () => StoreServer.StartAsync(Options with { MinFreeDiskMb = int.MaxValue }));
        Assert.Contains("Make room", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_in_the_folder_is_the_owners_alone_and_holds_no_secret_in_clear()
    {
        await using (StoreServer server = await StoreServer.StartAsync(Options))
        {
            await SeedAsync(server);
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(_folder.FullName, SecretKeyFile.FileName)));
            Assert.Equal(OwnerOnly, File.GetUnixFileMode(Path.Combine(_folder.FullName, "store.sock")));
        }

        Assert.False(File.Exists(Path.Combine(_folder.FullName, "store.sock")));
        foreach (string file in System.IO.Directory.EnumerateFiles(_folder.FullName, "*", SearchOption.AllDirectories))
        {
            string text = System.Text.Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
            Assert.DoesNotContain("p@ss", text, StringComparison.Ordinal);
            Assert.DoesNotContain("rtsp://", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Checkpoint_cuts_the_log()
    {
        long before;
        await using (StoreServer server = await StoreServer.StartAsync(Options))
        {
            IDatabase database = await server.Connection.GetDatabaseAsync();
            var value = new byte[64 * 1024];
            for (int i = 0; i < 1600; i++)
            {
                await database.StringSetAsync("test/overwritten", value);
            }

            before = LogBytes();
        }

        Assert.True(before > 96L << 20, $"100 MB were written, the log had {before} bytes.");
        Assert.True(LogBytes() < 72L << 20, $"The log still has {LogBytes()} bytes.");
        await using StoreServer again = await StoreServer.StartAsync(Options);
        Assert.Equal(64 * 1024, await (await again.Connection.GetDatabaseAsync()).StringLengthAsync("test/overwritten"));
    }

    private long LogBytes() =>
        System.IO.Directory.EnumerateFiles(Path.Combine(_folder.FullName, "AOF"), "*", SearchOption.AllDirectories)
            .Sum(file => new FileInfo(file).Length);
}
