using System.Diagnostics;

namespace Comms.Support;

/// <summary>A stranger's SIP server: Debian's kamailio with a configuration of ours, on a free port, in a folder of its own.</summary>
public sealed class KamailioProcess : IDisposable
{
    private const string Program = "/usr/sbin/kamailio";
    private readonly Process _process;
    private readonly string _folder;
    private readonly List<string> _output = [];

    private KamailioProcess(Process process, string folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public static bool IsInstalled => File.Exists(Program);

    public int Port { get; }

    /// <summary>The parent and its workers.</summary>
    public IReadOnlyList<int> ProcessIds
    {
        get
        {
            string children = $"/proc/{_process.Id}/task/{_process.Id}/children";
            return File.Exists(children)
                ? [_process.Id, .. File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)] : [_process.Id];
        }
    }

    /// <summary>Starts it with what <paramref name="modulesAndRoutes"/> says behind the listener and the module path.</summary>
    public static async Task<KamailioProcess> StartAsync(int workers, string modulesAndRoutes)
    {
        int port = FreePorts.Udp();
        string folder = Directory.CreateTempSubdirectory("comms-kamailio-").FullName;
        string file = Path.Combine(folder, "kamailio.cfg");
        string modules = Directory.GetDirectories("/usr/lib", "*-linux-gnu").Select(path => Path.Combine(path, "kamailio/modules/")).First(Directory.Exists);
        await File.WriteAllTextAsync(file, $"""
            debug=0
            log_stderror=yes
            children={workers}
            disable_tcp=yes
            auto_aliases=no
            listen=udp:127.0.0.1:{port}
            mpath="{modules}"
            {modulesAndRoutes}
            """);
        var process = Process.Start(new ProcessStartInfo(Program, ["-f", file, "-DD", "-E", "-Y", folder, "-w", folder, "-m", "256", "-M", "16"])
        {
            RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        var kamailio = new KamailioProcess(process, folder, port);
        process.ErrorDataReceived += kamailio.Note;
        process.OutputDataReceived += kamailio.Note;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await Eventually.TrueAsync(() => process.HasExited || kamailio.ProcessIds.Count > workers, "kamailio has its workers");
        return process.HasExited ? throw new InvalidOperationException($"kamailio ended:\n{kamailio.Output()}") : kamailio;
    }

    public string Output()
    {
        lock (_output) return string.Join('\n', _output);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Note(object sender, DataReceivedEventArgs line)
    {
        lock (_output) _output.Add(line.Data ?? "");
    }
}
