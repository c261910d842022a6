using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Comms.Signaling.Hosting;

/// <summary>HTTP on the loopback addresses, HTTPS on all: HTTP/1.1 and HTTP/2, WebSockets over both.</summary>
public static class KestrelSetup
{
    private const string EveryAddress = "*";

    /// <summary>Header bytes are read before sign-in; 32 kB holds a token and everything browsers send.</summary>
    private const int MaxHeaderBytes = 32 * 1024;

    public static void Configure(KestrelServerOptions kestrel, HttpOptions options, ServerCertificate certificate, OpenConnections connections)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Math.Max(options.MaxBodyBytes, 256 * 1024);
        kestrel.Limits.MaxRequestHeadersTotalSize = MaxHeaderBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        kestrel.Limits.Http2.MaxStreamsPerConnection = options.StreamsPerConnection;
        kestrel.ConfigureEndpointDefaults(connections.Watch);
        foreach (IPAddress address in Bindable(options.Address, options.Port)) kestrel.Listen(address, options.Port);
        if (IsEveryAddress(options.HttpsAddress)) kestrel.ListenAnyIP(options.HttpsPort, listen => UseCertificate(listen, certificate));
        else
        {
            foreach (IPAddress address in Bindable(options.HttpsAddress, options.HttpsPort))
                kestrel.Listen(address, options.HttpsPort, listen => UseCertificate(listen, certificate));
        }
    }

    public static bool IsEveryAddress(string addresses) => addresses.Trim() == EveryAddress;

    /// <summary>The addresses of a comma-separated list.</summary>
    public static IReadOnlyList<IPAddress> Parse(string addresses) =>
    [
        .. addresses.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => IPAddress.TryParse(text, out IPAddress? address) ? address : throw new StartException($"{text} is no address (Http:Address, Http:HttpsAddress).")),
    ];

    /// <summary>IPv6 addresses are left out where the machine has none, and a free port is one port, so only the first address gets it.</summary>
    private static IEnumerable<IPAddress> Bindable(string addresses, int port)
    {
        var usable = Parse(addresses).Where(address =>
            address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || LocalAddresses.Find().Contains(address));
        return port == 0 ? usable.Take(1) : usable;
    }

    private static void UseCertificate(ListenOptions listen, ServerCertificate certificate) => listen.UseHttps(new HttpsConnectionAdapterOptions
    {
        ServerCertificateSelector = (_, _) => certificate.Current,
        ServerCertificateChain = certificate.Chain,
        SslProtocols = System.Security.Authentication.SslProtocols.Tls12 | System.Security.Authentication.SslProtocols.Tls13,
    });
}
