using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Comms.Signaling.Hosting;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

public sealed class BackupTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("comms-backup-").FullName;
    private readonly FakeTimeProvider _time = new();

    private string Data => Path.Combine(_root, "data");

    private string Archive => Path.Combine(_root, "backup.tar.gz");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void What_was_backed_up_is_restored_without_logs_and_run_state()
    {
        Fill();
        Assert.True(Backup().IsOk);
        Directory.Delete(Data, recursive: true);

        ArchiveResult result = Restore();

        Assert.True(result.IsOk, result.Message);
        Assert.Equal("secret", File.ReadAllText(Path.Combine(Data, "keys", "a.key")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(Data, "keys", "a.key")));
        Assert.False(Directory.Exists(Path.Combine(Data, "logs")));
        Assert.False(Directory.Exists(Path.Combine(Data, "run")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Archive));
    }

    [Fact]
    public void A_filled_folder_is_replaced_only_when_forced_and_then_kept_beside()
    {
        Fill();
        Backup();
        File.WriteAllText(Path.Combine(Data, "keys", "a.key"), "newer");

        Assert.False(Restore().IsOk);
        Assert.Equal("newer", File.ReadAllText(Path.Combine(Data, "keys", "a.key")));
        Assert.True(Restore(force: true).IsOk);
        Assert.Equal("secret", File.ReadAllText(Path.Combine(Data, "keys", "a.key")));
        Assert.Equal("newer", File.ReadAllText(Path.Combine(Data + ".before-restore", "keys", "a.key")));
    }

    [Fact]
    public void A_running_server_keeps_backup_and_restore_away()
    {
        Fill();
        Backup();
        using var running = new DataFolder(Data);
        Assert.True(running.TryLock());

        Assert.False(Backup().IsOk);
        Assert.False(Restore(force: true).IsOk);
    }

    [Theory]
    [InlineData("data/../outside.txt")]
    [InlineData("data//etc/outside.txt")]
    [InlineData("../outside.txt")]
    [InlineData("data/keys/../../../outside.txt")]
    public void An_entry_that_would_leave_the_folder_changes_nothing(string name)
    {
        WriteArchive(new BackupManifest(1, "0", _time.GetUtcNow(), 1), new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = Bytes("x") });

        Assert.False(Restore().IsOk);
        Assert.False(Directory.Exists(Data));
        Assert.Empty(Directory.GetFiles(_root, "outside.txt", SearchOption.AllDirectories));
    }

    [Fact]
    public void Links_newer_formats_missing_files_and_damage_are_refused()
    {
        WriteArchive(new BackupManifest(1, "0", _time.GetUtcNow(), 1), new PaxTarEntry(TarEntryType.SymbolicLink, "data/link") { LinkName = "/etc/passwd" });
        Assert.False(Restore().IsOk);
        WriteArchive(new BackupManifest(2, "9", _time.GetUtcNow(), 0));
        Assert.Contains("format is 2", Restore().Message, StringComparison.Ordinal);
        WriteArchive(new BackupManifest(1, "0", _time.GetUtcNow(), 3));
        Assert.False(Restore().IsOk);
        File.WriteAllText(Archive, "no archive");
        Assert.False(Restore().IsOk);
        Fill();
        Backup();
        byte[] whole = File.ReadAllBytes(Archive);
        File.WriteAllBytes(Archive, whole[..(whole.Length / 2)]);
        Directory.Delete(Data, recursive: true);
        Assert.False(Restore().IsOk);
        Assert.False(Directory.Exists(Data));
    }

    private void Fill()
    {
        using (var folder = new DataFolder(Data)) Assert.True(folder.TryOpen());
        File.WriteAllText(Path.Combine(Data, "keys", "a.key"), "secret");
        File.WriteAllText(Path.Combine(Data, "logs", "x.json"), "log");
        Directory.CreateDirectory(Path.Combine(Data, "store", "deep", "er"));
        File.WriteAllBytes(Path.Combine(Data, "store", "deep", "er", "log.0"), new byte[100_000]);
    }

    private ArchiveResult Backup()
    {
        using var folder = new DataFolder(Data);
        return DataBackup.Write(folder, Archive, _time);
    }

    private ArchiveResult Restore(bool force = false)
    {
        using var folder = new DataFolder(Data);
        return DataRestore.Read(folder, Archive, force);
    }

    private void WriteArchive(BackupManifest manifest, params PaxTarEntry[] entries)
    {
        using var gzip = new GZipStream(File.Create(Archive), CompressionLevel.Fastest);
        using var tar = new TarWriter(gzip, TarEntryFormat.Pax);
        string json = System.Text.Json.JsonSerializer.Serialize(manifest, System.Text.Json.JsonSerializerOptions.Web);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, DataBackup.ManifestName) { DataStream = Bytes(json) });
        foreach (PaxTarEntry entry in entries) tar.WriteEntry(entry);
    }

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));
}
