using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Comms.Signaling.Hosting;

/// <summary>The addresses and names under which this machine can be reached now.</summary>
public static class LocalAddresses
{
    /// <summary>Unicast addresses of every interface that is up, loopback last; link-local IPv6 left out because it needs a zone.</summary>
    public static IReadOnlyList<IPAddress> Find() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(nic => nic.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => !address.IsIPv6LinkLocal)
            .Distinct()
            .OrderBy(address => IPAddress.IsLoopback(address))
            .ThenBy(address => address.AddressFamily == AddressFamily.InterNetworkV6),
    ];

    /// <summary>The machine's own name, or nothing when it is not a valid DNS name.</summary>
    public static string? HostName()
    {
        string name = Dns.GetHostName().ToLowerInvariant();
        return Uri.CheckHostName(name) == UriHostNameType.Dns ? name : null;
    }
}
