using System.Security.Cryptography.X509Certificates;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Hosting;

/// <summary>HTTPS to a server as from a phone that installed its CA.</summary>
internal static class TrustedServer
{
    public static async Task<HttpClient> ClientAsync(ServerProcess server) => new(await HandlerAsync(server)) { BaseAddress = server.HttpsUrl };

    public static async Task<SocketsHttpHandler> HandlerAsync(ServerProcess server)
    {
        using var http = new HttpClient { BaseAddress = server.HttpUrl };
        using HttpResponseMessage answer = await http.GetAsync("ca.crt");
        Assert.Equal("application/x-x509-ca-cert", answer.Content.Headers.ContentType?.MediaType);
        X509Certificate2 authority = X509CertificateLoader.LoadCertificate(await answer.Content.ReadAsByteArrayAsync());
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { authority },
        };
        return new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = policy } };
    }
}
