using System.ComponentModel.DataAnnotations;

namespace Comms.Signaling.Hosting;

/// <summary>Section "Http": where browsers and programs reach the server.</summary>
public sealed record HttpOptions
{
    /// <summary>Addresses of plain HTTP, separated by commas. Loopback only, because browsers on other machines need HTTPS.</summary>
    public string Address { get; init; } = "127.0.0.1,::1";

    /// <summary>TCP port of plain HTTP; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int Port { get; init; } = 8080;

    /// <summary>Addresses of HTTPS, separated by commas; "*" is every address of the machine, IPv4 and IPv6.</summary>
    public string HttpsAddress { get; init; } = "*";

    /// <summary>TCP port of HTTPS; 0 takes a free one.</summary>
    [Range(0, 65535)]
    public int HttpsPort { get; init; } = 8443;

    /// <summary>Folder of the built web client.</summary>
    public string WebRoot { get; init; } = "web-client/dist";

    /// <summary>PEM file of the operator's certificate chain; empty uses the local CA.</summary>
    public string CertificatePem { get; init; } = "";

    /// <summary>PEM file of that certificate's private key.</summary>
    public string CertificateKeyPem { get; init; } = "";

    /// <summary>More names for the local CA's certificate, separated by commas: host names or addresses in front of a NAT.</summary>
    public string CertificateNames { get; init; } = "";

    /// <summary>Requests and WebSockets that share one HTTP/2 connection; a program that stands for many phones uses many.</summary>
    [Range(100, 10_000)]
    public int StreamsPerConnection { get; init; } = 1000;

    /// <summary>HTTP connections that are served at once; 0 takes what the limit of open files allows (RLIMIT_NOFILE).</summary>
    [Range(0, 10_000_000)]
    public int MaxConnections { get; init; }

    /// <summary>STUN and TURN servers that viewers of cameras are told, separated by commas, as "turn:HOST:3478?transport=tcp".</summary>
    public string IceServers { get; init; } = "";

    /// <summary>The secret shared with those TURN servers (coturn's static-auth-secret): credentials are made of it for each viewer. Empty sends none.</summary>
    public string TurnSecret { get; init; } = "";

    /// <summary>Largest request body, in bytes.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBodyBytes { get; init; } = 64 * 1024;
}
