using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

/// <summary>An operator's own certificate, as openssl writes it.</summary>
public sealed class OperatorCertificateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("comms-pem-").FullName;

    [Theory]
    [InlineData("ec")]
    [InlineData("rsa")]
    public async Task An_operator_s_PEM_is_what_browsers_are_shown(string kind)
    {
        await MakeAsync("own", kind);
        await using var server = await ServerProcess.StartAsync(Settings("own.pem", "own.key"));
        using X509Certificate2 own = X509CertificateLoader.LoadCertificateFromFile(PathOf("own.pem"));
        X509Certificate2? shown = null;
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                {
                    shown = certificate as X509Certificate2;
                    return shown?.Thumbprint == own.Thumbprint;
                },
            },
        };
        using var http = new HttpClient(handler) { BaseAddress = server.HttpsUrl };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("healthz")).StatusCode);
        Assert.Equal(own.Thumbprint, shown?.Thumbprint);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("ca.crt")).StatusCode);
    }

    [Theory]
    [InlineData("own.pem", "other.key")]
    [InlineData("own.pem", "missing.key")]
    [InlineData("missing.pem", "own.key")]
    [InlineData("nonsense.pem", "own.key")]
    public async Task A_certificate_that_cannot_be_used_is_named_with_its_keys(string certificate, string key)
    {
        await MakeAsync("own", "ec");
        await MakeAsync("other", "ec");
        await File.WriteAllTextAsync(PathOf("nonsense.pem"), "not a certificate");

        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => ServerProcess.StartAsync(Settings(certificate, key)));

        Assert.Contains("code 1", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Http:CertificatePem", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Http:CertificateKeyPem", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string PathOf(string file) => Path.Combine(_folder, file);

    private Dictionary<string, string> Settings(string certificate, string key) => new()
    {
        ["Http:CertificatePem"] = PathOf(certificate),
        ["Http:CertificateKeyPem"] = PathOf(key),
    };

    private async Task MakeAsync(string name, string kind)
    {
        string[] key = kind == "ec" ? ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"] : ["-newkey", "rsa:2048"];
        string[] arguments =
        [
            "req", "-x509", .. key, "-nodes", "-days", "30", "-subj", "/CN=comms.example", "-addext", "subjectAltName=DNS:comms.example,IP:127.0.0.1",
            "-keyout", PathOf(name + ".key"), "-out", PathOf(name + ".pem"),
        ];
        using Process openssl = Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardError = true })!;
        string said = await openssl.StandardError.ReadToEndAsync();
        await openssl.WaitForExitAsync();
        Assert.True(openssl.ExitCode == 0, said);
    }
}
