namespace Comms.Signaling.Hosting;

/// <summary>The data folder: its layout, and the lock that keeps a second server out of it.</summary>
public sealed class DataFolder : IDisposable
{
    private FileStream? _lock;

    public DataFolder(string path) => Root = Path.GetFullPath(path);

    public string Root { get; }

    public string Store => Path.Combine(Root, "store");

    public string Keys => Path.Combine(Root, "keys");

    public string Certificates => Path.Combine(Root, "certs");

    public string Logs => Path.Combine(Root, "logs");

    public string Run => Path.Combine(Root, "run");

    /// <summary>Pictures of the demo cameras, encoded once.</summary>
    public string ClipCache => Path.Combine(Root, "cache", "camera-clips");

    public string ReadyFile => Path.Combine(Run, "ready.json");

    public string DemoLogins => Path.Combine(Root, "demo-logins.txt");

    private string LockFile => Path.Combine(Run, "lock");

    /// <summary>Makes the folders and takes the lock; false when another process holds it.</summary>
    public bool TryOpen()
    {
        foreach (string folder in (string[])[Root, Store, Keys, Certificates, Logs, Run]) PrivateFile.CreateFolder(folder);
        if (!TryLock()) return false;
        File.Delete(ReadyFile);
        return true;
    }

    /// <summary>Takes the lock of a folder that exists; true also when there is no folder to lock.</summary>
    public bool TryLock()
    {
        if (!Directory.Exists(Run)) return true;
        try
        {
            _lock = new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose() => _lock?.Dispose();
}
