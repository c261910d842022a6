namespace Comms.Signaling.Hosting;

/// <summary>Endpoints about the server itself that need no account.</summary>
public static class ServerEndpoints
{
    private const string CertificateType = "application/x-x509-ca-cert";

    public static void Map(WebApplication app) =>
        app.MapGet("/ca.crt", (ServerCertificate certificate) => certificate.AuthorityDer is { } der
            ? Results.File(der, CertificateType, "comms-ca.crt")
            : Results.NotFound()).ExcludeFromDescription().AllowAnonymous();
}
