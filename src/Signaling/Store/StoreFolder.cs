namespace Comms.Signaling.Store;

/// <summary>
/// The embedded store's folder: made with mode 0700, proven writable, and locked so that no second server opens it.
/// </summary>
public sealed class StoreFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly FileStream _lock;

    private StoreFolder(string path, FileStream heldLock)
    {
        Path = path;
        _lock = heldLock;
    }

    public string Path { get; }

    /// <summary>Free space of the folder's disk in MB.</summary>
    public long FreeMb => new DriveInfo(Path).AvailableFreeSpace / (1024 * 1024);

    /// <summary>Throws a <see cref="StoreException"/> that says what to do when the folder cannot be used.</summary>
    public static StoreFolder Open(string path, int minFreeMb)
    {
        string full = System.IO.Path.GetFullPath(path);
        try
        {
            System.IO.Directory.CreateDirectory(full, OwnerOnly);
            var heldLock = new FileStream(
                System.IO.Path.Combine(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var folder = new StoreFolder(full, heldLock);
            heldLock.WriteByte(0);
            heldLock.Flush(flushToDisk: true);
            if (folder.FreeMb < minFreeMb)
            {
                folder.Dispose();
                throw new StoreException(
                    $"The disk of {full} has {folder.FreeMb} MB left; the store needs {minFreeMb} MB. Make room and start again.");
            }

            return folder;
        }
        catch (UnauthorizedAccessException cause)
        {
            throw new StoreException($"The store's folder {full} cannot be written by this user: {cause.Message}", cause);
        }
        catch (IOException cause)
        {
            throw new StoreException(
                $"The store's folder {full} cannot be used; another server may be running on it, or the disk is full: {cause.Message}", cause);
        }
    }

    public void Dispose() => _lock.Dispose();
}
