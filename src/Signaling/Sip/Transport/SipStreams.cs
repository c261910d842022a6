using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Transport;

/// <summary>
/// The TCP and TLS side of a SIP endpoint: listeners and the connections of peers. It opens none itself: a peer is answered
/// and called on the connection that it holds open (RFC 5923, RFC 5626). Thread-safe.
/// </summary>
internal sealed class SipStreams(
    SipOptions options, SipClock clock, TimeProvider time, SipCounters counters, ISipCertificate? certificate,
    Func<SipPacket, bool> deliver, Action<SipFlow> closed) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<SipFlow, SipConnection> _connections = new();
    private readonly ConcurrentDictionary<IPAddress, int> _sources = new();
    private readonly List<Socket> _listeners = [];

    public int Connections => _connections.Count;

    /// <summary>Binds; the address has its real port even when 0 was asked for. Throws when it cannot be bound.</summary>
    public IPEndPoint Listen(SipTransportKind kind, IPEndPoint address)
    {
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listeners.Add(listener);
        listener.Bind(address);
        listener.Listen(512);
        _ = AcceptAsync(kind, listener);
        return (IPEndPoint)listener.LocalEndPoint!;
    }

    /// <summary>Sends on the connection of that flow. False: it is gone, or its peer does not read.</summary>
    public bool TrySend(in SipTransmit transmit) =>
        _connections.TryGetValue(transmit.Flow, out var connection) && connection.TrySend(transmit.Octets);

    public void Dispose()
    {
        _listeners.ForEach(listener => listener.Dispose());
        foreach (var connection in _connections.Values)
        {
            connection.Close();
        }
    }

    private async Task AcceptAsync(SipTransportKind kind, Socket listener)
    {
        while (true)
        {
            try
            {
                Take(kind, await listener.AcceptAsync().ConfigureAwait(false));
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException fault) when (fault.SocketErrorCode == SocketError.OperationAborted)
            {
                return;
            }
            catch (SocketException)
            {
                // That one peer went before it was accepted, or no file is left: then trying again at once would only spin.
                counters.Drop(SipDropReason.ConnectionRefused);
                using var pause = new PeriodicTimer(RetryAfter, time);
                await pause.WaitForNextTickAsync().ConfigureAwait(false);
            }
        }
    }

    private void Take(SipTransportKind kind, Socket socket)
    {
        socket.NoDelay = true;
        var flow = new SipFlow(kind, (IPEndPoint)socket.LocalEndPoint!, (IPEndPoint)socket.RemoteEndPoint!);
        var connection = new SipConnection(socket, flow, options, clock, time, counters);
        var ofSource = _sources.AddOrUpdate(flow.Remote.Address, 1, (_, count) => count + 1);
        if (ofSource > options.MaxConnectionsPerSource || _connections.Count >= options.MaxConnections || !_connections.TryAdd(flow, connection))
        {
            counters.Drop(SipDropReason.ConnectionRefused);
            Leave(flow.Remote.Address);
            connection.Close();
            return;
        }

        _ = RunAsync(connection);
    }

    private async Task RunAsync(SipConnection connection)
    {
        await Task.Yield();
        var tls = connection.Flow.Transport == SipTransportKind.Tls
            ? new SslServerAuthenticationOptions { ServerCertificateContext = certificate!.Current } : null;
        await connection.RunAsync(tls, deliver).ConfigureAwait(false);
        _connections.TryRemove(connection.Flow, out _);
        Leave(connection.Flow.Remote.Address);
        closed(connection.Flow);
    }

    private void Leave(IPAddress source)
    {
        var left = _sources.AddOrUpdate(source, 0, (_, count) => count - 1);
        if (left <= 0)
        {
            _sources.TryRemove(KeyValuePair.Create(source, left));
        }
    }
}

/// <summary>The certificate that SIP over TLS shows.</summary>
public interface ISipCertificate
{
    /// <summary>It may change while the server runs; each handshake takes the one of its moment.</summary>
    SslStreamCertificateContext Current { get; }
}
