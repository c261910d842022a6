using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Comms.Signaling.Sip.Transaction;

namespace Comms.Signaling.Sip.Transport;

/// <summary>
/// The TCP and TLS side of a SIP endpoint: listeners and connections. A peer is answered and called on the connection that it
/// holds open (RFC 5626); one that we call by its URI gets one of ours, which every later request to it uses too (RFC 5923).
/// Thread-safe.
/// </summary>
internal sealed class SipStreams(
    SipOptions options, SipClock clock, TimeProvider time, SipCounters counters, SipTls tls,
    Func<SipPacket, bool> deliver, Action<SipFlow> closed) : IDisposable
{
    /// <summary>Longer than this a peer that is there takes for no connection.</summary>
    private static readonly TimeSpan OpenLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<SipFlow, SipConnection> _connections = new();
    private readonly ConcurrentDictionary<(SipTransportKind, IPEndPoint, string), Lazy<Task<SipFlow?>>> _ours = new();
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

    /// <summary>
    /// The flow of our connection to that address, opened now when there is none. <paramref name="name"/> is what its
    /// certificate must say. Null: it cannot be opened.
    /// </summary>
    public async Task<SipFlow?> ConnectAsync(SipTransportKind kind, IPEndPoint remote, string name)
    {
        var key = (kind, remote, name);
        var fresh = new Lazy<Task<SipFlow?>>(() => OpenAsync(kind, remote, name));
        var opening = _ours.GetOrAdd(key, fresh);
        var flow = await opening.Value.ConfigureAwait(false);
        if (flow is not null && _connections.ContainsKey(flow))
        {
            return flow;
        }

        // It has ended since, or never began: the next caller may try again, and this one if it did not try itself.
        _ours.TryRemove(KeyValuePair.Create(key, opening));
        return ReferenceEquals(opening, fresh) ? null : await ConnectAsync(kind, remote, name).ConfigureAwait(false);
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
        await connection.RunAsync(connection.Flow.Transport == SipTransportKind.Tls ? tls.AcceptAsync : null, isOurs: false, deliver).ConfigureAwait(false);
        _connections.TryRemove(connection.Flow, out _);
        Leave(connection.Flow.Remote.Address);
        closed(connection.Flow);
    }

    private async Task<SipFlow?> OpenAsync(SipTransportKind kind, IPEndPoint remote, string name)
    {
        var socket = new Socket(remote.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        using var late = new CancellationTokenSource(OpenLimit, time);
        try
        {
            await socket.ConnectAsync(remote, late.Token).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            return null;
        }

        var flow = new SipFlow(kind, (IPEndPoint)socket.LocalEndPoint!, remote);
        var connection = new SipConnection(socket, flow, options, clock, time, counters);
        if (_connections.Count >= options.MaxConnections || !_connections.TryAdd(flow, connection))
        {
            connection.Close();
            return null;
        }

        _ = CarryOursAsync(connection, kind == SipTransportKind.Tls ? (stream, stop) => tls.ConnectAsync(stream, name, stop) : null);
        return await connection.Ready.ConfigureAwait(false) ? flow : null;
    }

    private async Task CarryOursAsync(SipConnection connection, Func<SslStream, CancellationToken, Task>? handshake)
    {
        await connection.RunAsync(handshake, isOurs: true, deliver).ConfigureAwait(false);
        _connections.TryRemove(connection.Flow, out _);
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
