using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Signaling.Tests.Bridges;

namespace Comms.Interop.Tests.Sip;

/// <summary>Plain-RTP legs on real sockets of their own: what a peer keys in RFC 4733 digits becomes events.</summary>
internal sealed class SocketLegNode : RecordingLegNode, IDisposable
{
    private readonly ConcurrentDictionary<SessionId, Socket> _sockets = new();

    /// <summary>Speech packets that legs took, all together.</summary>
    public long Packets => Interlocked.Read(ref _packets);

    private long _packets;

    public override ValueTask<MediaResult<RtpLegTransport>> OpenRtpLegAsync(RtpLegParameters parameters)
    {
        var session = NextSession();
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(parameters.LocalAddress, 0));
        _sockets[session] = socket;
        Legs[session] = parameters;
        var local = (IPEndPoint)socket.LocalEndPoint!;
        _ = ReceiveAsync(session, socket, new RtpLeg(parameters, new RtpLegIdentity(1, 1, 1), new RtpLegSettings(), MonotonicClock.Now));
        var transport = new RtpLegTransport(session, local, new IPEndPoint(local.Address, local.Port + 1));
        return ValueTask.FromResult(new MediaResult<RtpLegTransport>(transport, MediaRefusal.None));
    }

    public override ValueTask<bool> CloseSessionAsync(SessionId session)
    {
        if (_sockets.TryRemove(session, out var socket))
        {
            socket.Dispose();
        }

        return base.CloseSessionAsync(session);
    }

    public void Dispose()
    {
        foreach (var socket in _sockets.Values)
        {
            socket.Dispose();
        }
    }

    private async Task ReceiveAsync(SessionId session, Socket socket, RtpLeg leg)
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var result = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0));
                Take(session, leg, buffer.AsSpan(0, result.ReceivedBytes), TransportAddress.From((IPEndPoint)result.RemoteEndPoint));
            }
        }
        catch (Exception closed) when (closed is SocketException or ObjectDisposedException)
        {
            Legs.TryRemove(session, out _);
        }
    }

    private void Take(SessionId session, RtpLeg leg, ReadOnlySpan<byte> datagram, TransportAddress source)
    {
        if (leg.HandleDatagram(datagram, source, MonotonicClock.Now, out _))
        {
            Interlocked.Increment(ref _packets);
        }

        while (leg.TryPollKey(out var key))
        {
            if (key.IsDown)
            {
                Press(session, key.Code);
            }
        }
    }
}
