using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Garnet;
using StackExchange.Redis;

namespace Comms.Signaling.Store;

/// <summary>
/// Garnet in this process, reached over a Unix socket of mode 0600 with a password made for this start. Every write is in
/// the log on disk before it is answered, so a killed server loses nothing that was acknowledged.
/// </summary>
public sealed class EmbeddedStore : IDisposable
{
    /// <summary>sun_path of sockaddr_un holds 108 bytes with its terminating zero.</summary>
    private const int MaxSocketPathBytes = 107;

    private readonly StoreOptions _options;
    private readonly string _password = RandomNumberGenerator.GetHexString(48);
    private readonly string _socketPath;
    private StoreFolder? _folder;
    private GarnetServer? _server;

    public EmbeddedStore(StoreOptions options)
    {
        _options = options;
        _socketPath = SocketPath(Path.GetFullPath(options.DataFolder));
    }

    /// <summary>Free space of the store's disk in MB.</summary>
    public long FreeDiskMb => _folder?.FreeMb ?? long.MaxValue;

    /// <summary>How to connect; valid before the store is started.</summary>
    public ConfigurationOptions Connection()
    {
        var connection = new ConfigurationOptions
        {
            Password = _password,
            AbortOnConnectFail = false,
            ClientName = "comms",
        };
        connection.EndPoints.Add(new UnixDomainSocketEndPoint(_socketPath));
        return connection;
    }

    /// <summary>Opens the folder, reads the log back and listens. Throws a <see cref="StoreException"/> with a sentence.</summary>
    public void Start(ILoggerFactory logs)
    {
        _folder = StoreFolder.Open(_options.DataFolder, Math.Max(1, _options.MinFreeDiskMb / 4));
        TraceListener[] listeners = [.. Trace.Listeners.Cast<TraceListener>()];
        try
        {
            _server = new GarnetServer(Arguments(), new GarnetLoggers(logs));
            _server.Start();
        }
        catch (Exception cause) when (cause is not StoreException)
        {
            _folder.Dispose();
            throw new StoreException($"The embedded store in {_folder.Path} does not open: {cause.Message}", cause);
        }
        finally
        {
            // Garnet's constructor sends every Trace line of this process to the console.
            foreach (TraceListener added in Trace.Listeners.Cast<TraceListener>().Except(listeners).ToArray())
            {
                Trace.Listeners.Remove(added);
            }
        }
    }

    public void Dispose()
    {
        if (_server is not null)
        {
            _server.Dispose();
            _server = null;
            File.Delete(_socketPath);
        }

        _folder?.Dispose();
    }

    private static string SocketPath(string folder)
    {
        string path = Path.Combine(folder, "store.sock");
        if (Encoding.UTF8.GetByteCount(path) <= MaxSocketPathBytes)
        {
            return path;
        }

        string name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..24];
        return Path.Combine(Path.GetTempPath(), $"comms-{name}.sock");
    }

    // Garnet opens a TCP port beside the socket, whatever one asks: an ephemeral one of the loopback, behind the password.
    private string[] Arguments()
    {
        string folder = _folder!.Path;
        string memory = string.Create(CultureInfo.InvariantCulture, $"{_options.MemoryMb}m");
        return
        [
            "--bind", "127.0.0.1", "--port", "0", "--unixsocket", _socketPath, "--unixsocketperm", "600",
            "--auth", "Password", "--password", _password,
            "--lua",
            "--aof", "--recover", "--aof-commit-freq", "0", "--aof-commit-wait", "true", "--device-type", "RandomAccess",
            "--logdir", folder, "--checkpointdir", folder, "--storage-tier",
            "--memory", memory, "--page", "2m", "--segment", "32m", "--index", "16m",
            "--aof-memory", "16m", "--aof-page-size", "4m", "--aof-segment-size", "32m",
            "-q",
        ];
    }
}
