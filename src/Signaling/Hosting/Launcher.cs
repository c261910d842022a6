using System.Net;
using Microsoft.AspNetCore.Connections;
using Comms.Signaling.Store;
using Serilog.Core;

namespace Comms.Signaling.Hosting;

/// <summary>From the command line to an exit code: 0 done, 1 could not start, 2 bad settings.</summary>
public static class Launcher
{
    private const int CannotStart = 1;
    private const int BadSettings = 2;

    public static async Task<int> RunAsync(string[] args)
    {
        var errors = new List<string>();
        CommandArguments line = CommandArguments.Parse(args, errors);
        if (line.Help || line.Version)
        {
            Console.WriteLine(line.Help ? CommandArguments.Usage : ServerInstance.Version);
            return 0;
        }

        CommsConfiguration configuration = CommsConfiguration.Read(line, errors);
        if (errors.Count > 0) return Fail(BadSettings, ["Some settings are wrong:", .. errors.Select(error => "  " + error)]);
        using var folder = new DataFolder(configuration.Get<DataOptions>().Path);
        if (line.BackupFile is { } backup) return Report(DataBackup.Write(folder, backup, TimeProvider.System));
        if (line.RestoreFile is { } restore) return Report(DataRestore.Read(folder, restore, line.Force));
        return await ServeAsync(configuration, folder);
    }

    private static async Task<int> ServeAsync(CommsConfiguration configuration, DataFolder folder)
    {
        try
        {
            if (!folder.TryOpen()) return Fail(CannotStart, [$"Another server uses {folder.Root} (Data:Path)."]);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Fail(CannotStart, [$"Data:Path {folder.Root}: {fault.Message}"]);
        }

        await using Logger log = LogSetup.Create(configuration.Get<LogOptions>(), folder);
        try
        {
            await using WebApplication app = CommsHost.Build(configuration, folder, log);
            await StartedServer.RunAsync(app);
            return 0;
        }
        catch (Exception fault) when (fault is StartException or StoreException)
        {
            return Fail(CannotStart, [fault.Message]);
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            return Fail(CannotStart, [PortInUse(fault.Message, configuration.Get<HttpOptions>())]);
        }
        catch (Exception fault)
        {
            log.Fatal(fault, "The server ended");
            return Fail(CannotStart, [$"The server cannot run: {Redaction.Apply(fault.Message)} (details in {folder.Logs})"]);
        }
        finally
        {
            File.Delete(folder.ReadyFile);
        }
    }

    private static string PortInUse(string message, HttpOptions http)
    {
        bool isHttps = message.Contains("https://", StringComparison.Ordinal);
        return $"Port {(isHttps ? http.HttpsPort : http.Port)} is in use: set {(isHttps ? "Http:HttpsPort" : "Http:Port")} to another one.";
    }

    private static int Report(ArchiveResult result)
    {
        if (!result.IsOk) return Fail(CannotStart, [result.Message]);
        Console.WriteLine(result.Message);
        return 0;
    }

    private static int Fail(int code, IEnumerable<string> lines)
    {
        foreach (string text in lines) Console.Error.WriteLine(text);
        return code;
    }
}

/// <summary>Why the server cannot start, in one line that names the key to change.</summary>
public sealed class StartException(string message) : Exception(message);
