using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace Comms.Signaling.Hosting;

/// <summary>
/// Fills the data folder from a backup. The archive is unpacked whole into a folder beside it and only then takes its place,
/// so a damaged archive changes nothing. Entries that would leave the folder, links and devices are refused.
/// </summary>
public static class DataRestore
{
    private const string DataPrefix = "data/";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static ArchiveResult Read(DataFolder folder, string file, bool force)
    {
        if (!File.Exists(file)) return ArchiveResult.Failed($"There is no {file}.");
        if (!folder.TryLock()) return ArchiveResult.Failed($"A server uses {folder.Root}: stop it first.");
        bool isFilled = Directory.Exists(folder.Root) && Directory.EnumerateFileSystemEntries(folder.Root).Any();
        if (isFilled && !force) return ArchiveResult.Failed($"{folder.Root} is not empty: --force replaces it and keeps it as {folder.Root}.before-restore.");
        string fresh = folder.Root + ".restoring";
        try
        {
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            PrivateFile.CreateFolder(fresh);
            string? fault = Unpack(file, fresh, out int files);
            if (fault is not null)
            {
                Directory.Delete(fresh, recursive: true);
                return ArchiveResult.Failed($"{file} is no usable backup: {fault}. Nothing was changed.");
            }

            Replace(folder.Root, fresh);
            return ArchiveResult.Done($"{files} files are restored to {folder.Root}.");
        }
        catch (Exception fault) when (fault is IOException or InvalidDataException or UnauthorizedAccessException or JsonException)
        {
            if (Directory.Exists(fresh)) Directory.Delete(fresh, recursive: true);
            return ArchiveResult.Failed($"{file} cannot be restored: {fault.Message} Nothing was changed.");
        }
    }

    private static void Replace(string root, string fresh)
    {
        string before = root + ".before-restore";
        if (Directory.Exists(root))
        {
            if (Directory.Exists(before)) Directory.Delete(before, recursive: true);
            Directory.Move(root, before);
        }

        Directory.Move(fresh, root);
    }

    /// <summary>Null when every entry was taken, else the fault.</summary>
    private static string? Unpack(string file, string target, out int files)
    {
        files = 0;
        using var input = File.OpenRead(file);
        using var gzip = new GZipStream(input, CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        if (ReadManifest(tar) is not { } manifest) return "it does not begin with a manifest";
        if (manifest.Format != DataBackup.FormatVersion) return $"its format is {manifest.Format}, this server reads {DataBackup.FormatVersion}";
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) return $"{entry.Name} is no regular file";
            if (PathWithin(target, entry.Name) is not { } path) return $"{entry.Name} would lie outside the data folder";
            PrivateFile.CreateFolder(Path.GetDirectoryName(path) ?? target);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            using var output = new FileStream(path, options);
            entry.DataStream?.CopyTo(output);
            files++;
        }

        return files == manifest.Files ? null : $"it holds {files} files and should hold {manifest.Files}";
    }

    private static BackupManifest? ReadManifest(TarReader tar) =>
        tar.GetNextEntry() is { Name: DataBackup.ManifestName, DataStream: { } json }
            ? JsonSerializer.Deserialize<BackupManifest>(json, JsonSerializerOptions.Web)
            : null;

    private static string? PathWithin(string target, string name)
    {
        if (!name.StartsWith(DataPrefix, StringComparison.Ordinal)) return null;
        string path = Path.GetFullPath(Path.Combine(target, name[DataPrefix.Length..]));
        return path.StartsWith(target + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : null;
    }
}
