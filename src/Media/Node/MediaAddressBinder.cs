using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Comms.Media.Node;

/// <summary>Finds out which local addresses can carry the media port, and which port a free one is.</summary>
internal sealed class MediaAddressBinder(int port, ILogger logger)
{
    /// <summary>
    /// The addresses with their port, in the given order. Throws when there is none. An address that cannot be bound (just gone,
    /// IPv6 switched off) is left out and logged; a port in use is the operator's error when it concerns every address.
    /// </summary>
    public List<IPEndPoint> FindUsable(IReadOnlyList<IPAddress> addresses)
    {
        var usable = new List<IPEndPoint>();
        SocketException? last = null;
        foreach (var address in addresses)
        {
            try
            {
                usable.Add(Probe(new IPEndPoint(address, port)));
            }
            catch (SocketException fault)
            {
                last = fault;
                MediaLog.AddressRefused(logger, address.ToString(), fault.SocketErrorCode.ToString());
            }
        }

        return usable.Count > 0 ? usable : throw new IOException($"UDP port {port} cannot be bound on any local address.", last);
    }

    // Bound without sharing: a second server on the same port is found out instead of taking half of the datagrams.
    private static IPEndPoint Probe(IPEndPoint wanted) => Io.UdpPortProbe.Bind(wanted);
}
