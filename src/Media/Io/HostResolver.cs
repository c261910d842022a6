using System.Net;
using System.Net.Sockets;
using Comms.Media.Numbers;

namespace Comms.Media.Io;

/// <summary>Finds the address of a host name away from the loops, which must never wait for a name server.</summary>
internal static class HostResolver
{
    /// <summary>Brings the first address back to the loop, IPv4 before IPv6; null when the name is unknown. An address resolves at once, in this call.</summary>
    public static void Resolve(EventLoop loop, string host, ushort port, Action<TransportAddress?, Instant> done)
    {
        if (IPAddress.TryParse(host, out var literal))
        {
            done(TransportAddress.From(new IPEndPoint(literal, port)), loop.Now);
        }
        else
        {
            _ = ResolveAsync(loop, host, port, done);
        }
    }

    private static async Task ResolveAsync(EventLoop loop, string host, ushort port, Action<TransportAddress?, Instant> done)
    {
        TransportAddress? found = null;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host).ConfigureAwait(false);
            if (addresses.OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault() is { } first)
            {
                found = TransportAddress.From(new IPEndPoint(first, port));
            }
        }
        catch (Exception fault) when (fault is SocketException or ArgumentException)
        {
            // An unknown name: told as null.
        }

        loop.Post(now => done(found, now));
    }
}
