using System.Diagnostics;

namespace Comms.Browser;

/// <summary>A user's folder with an NSS database, where Chromium on Linux looks for authorities that its user trusts.</summary>
public sealed class TrustedHome : IDisposable
{
    private TrustedHome(string folder) => Folder = folder;

    public string Folder { get; }

    private string Database => Path.Combine(Folder, ".pki", "nssdb");

    public static async Task<TrustedHome> CreateAsync()
    {
        var home = new TrustedHome(Directory.CreateTempSubdirectory("comms-home-").FullName);
        Directory.CreateDirectory(home.Database);
        await home.RunCertutilAsync("-N", "--empty-password");
        return home;
    }

    /// <summary>What installing a downloaded CA certificate does on a phone.</summary>
    public Task TrustAsync(string certificateFile) => RunCertutilAsync("-A", "-n", "installed", "-t", "C,,", "-i", certificateFile);

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private async Task RunCertutilAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("certutil", ["-d", $"sql:{Database}", .. arguments]) { RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("certutil does not start.");
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"certutil said: {errors}");
    }
}
