using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Comms.Signaling.Hosting;

/// <summary>Writes a stopped server's data folder to one tar.gz: a manifest first, then every file but logs, caches and run state.</summary>
public static class DataBackup
{
    /// <summary>Format of the archive; a newer one is refused by an older server.</summary>
    public const int FormatVersion = 1;

    public const string ManifestName = "manifest.json";

    private static readonly string[] LeftOut = ["logs", "run", "cache"];

    public static ArchiveResult Write(DataFolder folder, string file, TimeProvider time)
    {
        if (!Directory.Exists(folder.Root)) return ArchiveResult.Failed($"There is no data folder {folder.Root} (Data:Path).");
        if (!folder.TryLock()) return ArchiveResult.Failed($"A server uses {folder.Root}: stop it first, so that the backup is one moment's.");
        string fresh = file + ".part";
        try
        {
            string[] files = [.. Files(folder.Root)];
            using (var output = new FileStream(fresh, new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                WriteArchive(output, folder.Root, files, time.GetUtcNow());
                output.Flush(flushToDisk: true);
            }

            File.Move(fresh, file, overwrite: true);
            return ArchiveResult.Done($"{files.Length} files of {folder.Root} are in {file}. It holds keys and passwords: keep it safe.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return ArchiveResult.Failed($"The backup failed: {fault.Message}");
        }
    }

    private static IEnumerable<string> Files(string root) =>
        Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(root, file))
            .Where(relative => !LeftOut.Contains(relative.Split(Path.DirectorySeparatorChar)[0]))
            // A killed server leaves the store's socket behind, which is no file.
            .Where(relative => !relative.EndsWith(".sock", StringComparison.Ordinal))
            .Where(relative => new FileInfo(Path.Combine(root, relative)).LinkTarget is null)
            .Order(StringComparer.Ordinal);

    private static void WriteArchive(Stream output, string root, string[] files, DateTimeOffset now)
    {
        using var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        using var tar = new TarWriter(gzip, TarEntryFormat.Pax);
        var manifest = new BackupManifest(FormatVersion, ServerInstance.Version, now, files.Length);
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(manifest, JsonSerializerOptions.Web));
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, ManifestName) { DataStream = json });
        foreach (string relative in files) tar.WriteEntry(Path.Combine(root, relative), "data/" + relative);
    }
}

/// <summary>First entry of a backup.</summary>
public sealed record BackupManifest(int Format, string ServerVersion, DateTimeOffset MadeAt, int Files);

/// <summary>How a backup or a restore ended, in one sentence.</summary>
public sealed record ArchiveResult(bool IsOk, string Message)
{
    public static ArchiveResult Done(string message) => new(true, message);

    public static ArchiveResult Failed(string message) => new(false, message);
}
