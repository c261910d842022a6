using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Comms.Media.Io;

/// <summary>The unicast addresses of this machine's interfaces that are up.</summary>
public static class InterfaceAddresses
{
    /// <summary>IPv4 before IPv6, loopback last; link-local IPv6 is left out, because a browser cannot name its zone.</summary>
    public static IReadOnlyList<IPAddress> Find() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(link => link.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(link => link.GetIPProperties().UnicastAddresses)
            .Select(unicast => unicast.Address)
            .Where(address => !address.IsIPv6LinkLocal)
            .Distinct()
            .OrderBy(address => IPAddress.IsLoopback(address))
            .ThenBy(address => address.AddressFamily == AddressFamily.InterNetworkV6),
    ];
}
