using System.Net;
using System.Net.Sockets;
using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Transport;

/// <summary>
/// Turns a SIP URI into a flow: RFC 3263 §4 by address and A/AAAA records; who needs SRV names the host and port that it
/// points to. Thread-safe.
/// </summary>
internal sealed class SipRouteFinder(IReadOnlyList<SipUdpSocket> sockets, SipStreams streams)
{
    private const int Port = 5060;
    private const int TlsPort = 5061;

    /// <summary>Null: the name is unknown, no socket of ours speaks that address family, or the connection is refused.</summary>
    public async Task<SipRoute?> FindAsync(SipUri target, CancellationToken stopping)
    {
        if (!target.IsSip)
        {
            return null;
        }

        var kind = KindOf(target);
        var host = (target.Parameters["maddr"] ?? target.Host).Trim('[', ']');
        var port = target.Port != 0 ? target.Port : kind == SipTransportKind.Tls ? TlsPort : Port;
        foreach (var address in await ResolveAsync(host, stopping).ConfigureAwait(false))
        {
            var remote = new IPEndPoint(address, port);
            var flow = kind == SipTransportKind.Udp ? UdpFlow(remote) : await streams.ConnectAsync(kind, remote, host).ConfigureAwait(false);
            if (flow is not null)
            {
                return new SipRoute(flow, target);
            }
        }

        return null;
    }

    private static SipTransportKind KindOf(SipUri target)
    {
        var transport = target.Parameters["transport"];
        if (target.Scheme == "sips" || "tls".Equals(transport, StringComparison.OrdinalIgnoreCase))
        {
            return SipTransportKind.Tls;
        }

        return "tcp".Equals(transport, StringComparison.OrdinalIgnoreCase) ? SipTransportKind.Tcp : SipTransportKind.Udp;
    }

    private static async Task<IPAddress[]> ResolveAsync(string host, CancellationToken stopping)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            return [literal];
        }

        try
        {
            return await Dns.GetHostAddressesAsync(host, stopping).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return [];
        }
    }

    // Our address towards a peer is what the route to it says; nothing is sent for the question.
    private SipFlow? UdpFlow(IPEndPoint remote)
    {
        try
        {
            using var probe = new Socket(remote.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(remote);
            var local = ((IPEndPoint)probe.LocalEndPoint!).Address;
            var usable = sockets.Where(socket => socket.Local.AddressFamily == remote.AddressFamily).ToList();
            var socket = usable.Find(candidate => candidate.Local.Address.Equals(local))
                ?? usable.Find(candidate => candidate.IsWildcard) ?? usable.FirstOrDefault();
            return socket is null ? null
                : new SipFlow(SipTransportKind.Udp, socket.IsWildcard ? new IPEndPoint(local, socket.Local.Port) : socket.Local, remote);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
