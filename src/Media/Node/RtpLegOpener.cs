using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Comms.Media.Session;

namespace Comms.Media.Node;

/// <summary>Binds the port pair of a plain-RTP leg on its loop and starts the leg.</summary>
internal sealed class RtpLegOpener(MediaLoop loop, RtpPortRange ports)
{
    /// <summary>Other programs may sit in the range: so many pairs are tried.</summary>
    private const int MaxTries = 32;

    /// <summary>On the loop. Null: no pair could be bound.</summary>
    public RtpLegTransport? Open(SessionEntry entry, RtpLegParameters parameters, Instant now)
    {
        for (int i = 0; i < MaxTries; i++)
        {
            if (ports.Take() is not { } pair) return null;
            if (TryOpen(entry, parameters, pair, now) is { } transport) return transport;
            pair.Free();
        }

        return null;
    }

    private RtpLegTransport? TryOpen(SessionEntry entry, RtpLegParameters parameters, RtpPortPair pair, Instant now)
    {
        var identity = new RtpLegIdentity(
            (uint)RandomNumberGenerator.GetInt32(int.MaxValue), (ushort)RandomNumberGenerator.GetInt32(0x8000), (uint)RandomNumberGenerator.GetInt32(int.MaxValue));
        var settings = new RtpLegSettings { InactivityMs = loop.Node.Options.LegTimeoutMs };
        var session = new RtpLegLoopSession(entry, loop, new RtpLeg(parameters, identity, settings, now), pair);
        UdpSocket? rtp = null;
        try
        {
            rtp = Bind(session, parameters.LocalAddress, pair.RtpPort);
            var rtcp = Bind(session, parameters.LocalAddress, pair.RtcpPort);
            if (!entry.TryClaim(loop)) throw new InvalidOperationException("A leg's entry is claimed by its opener only.");
            session.Start(rtp, rtcp, now);
            loop.Add(entry, session, now);
            return new RtpLegTransport(entry.Id, rtp.LocalEndPoint, rtcp.LocalEndPoint);
        }
        catch (SocketException)
        {
            rtp?.Dispose();
            return null;
        }
    }

    private UdpSocket Bind(RtpLegLoopSession session, IPAddress address, int port) =>
        new(loop.Events, loop.Receive, session, loop.Drops, new IPEndPoint(address, port), new UdpSocketOptions());
}
