using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Comms.Signaling.Hosting;

/// <summary>Names and addresses that one server certificate stands for.</summary>
public sealed record CertificateNames(IReadOnlyList<string> Dns, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>localhost, the machine's name and addresses, and what the operator adds (comma-separated).</summary>
    public static CertificateNames OfThisMachine(string more)
    {
        var dns = new List<string> { "localhost" };
        var addresses = new List<IPAddress> { IPAddress.Loopback, IPAddress.IPv6Loopback };
        addresses.AddRange(LocalAddresses.Find());
        if (LocalAddresses.HostName() is { } host) dns.AddRange([host, host + ".local"]);
        foreach (string name in more.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (IPAddress.TryParse(name, out IPAddress? address)) addresses.Add(address);
            else dns.Add(name);
        }

        return new CertificateNames([.. dns.Distinct()], [.. addresses.Distinct()]);
    }

    /// <summary>True when the certificate stands for every one of these names.</summary>
    public bool AreCoveredBy(X509Certificate2 certificate)
    {
        var extension = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        return extension is not null
            && !Dns.Except(extension.EnumerateDnsNames(), StringComparer.OrdinalIgnoreCase).Any()
            && !Addresses.Except(extension.EnumerateIPAddresses()).Any();
    }
}
