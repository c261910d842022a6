using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Comms.Support;

/// <summary>
/// A bad link as a UDP relay: clients know only <see cref="Address"/>; each gets a socket of its own towards the server, so that
/// the server tells them apart. Packets of both directions pass an <see cref="ImpairmentPlan"/> of their own, numbered by the order in
/// which clients appear. One thread receives, waits and sends.
/// </summary>
public sealed class UdpImpairmentRelay : IDisposable
{
    private const int LongestWaitUs = 20_000;

    private readonly IPEndPoint _server;
    private readonly ulong _seed;
    private readonly Socket _socket;
    private readonly Dictionary<EndPoint, Client> _clients = [];
    private readonly Dictionary<Socket, Client> _bySocket = [];
    private readonly PriorityQueue<Delivery, (double DueMs, long Order)> _waiting = new();
    private readonly byte[] _buffer = new byte[65_536];
    private readonly Thread _thread;
    private long _order;
    private long _lost;
    private long _passed;
    private volatile Impairment _link = Impairment.None;
    private volatile bool _isStopping;

    private UdpImpairmentRelay(Socket socket, IPEndPoint server, ulong seed)
    {
        _socket = socket;
        _server = server;
        _seed = seed;
        Address = (IPEndPoint)socket.LocalEndPoint!;
        _thread = new Thread(Run) { IsBackground = true, Name = "impaired link" };
        _thread.Start();
    }

    /// <summary>What clients are told is the server.</summary>
    public IPEndPoint Address { get; }

    /// <summary>How bad the link is from now on.</summary>
    public Impairment Link
    {
        get => _link;
        set => _link = value;
    }

    public long Lost => Interlocked.Read(ref _lost);

    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>A relay on <paramref name="address"/> for a server on another address with the same port, which is free on both.</summary>
    public static UdpImpairmentRelay Start(IPAddress address, IPAddress serverAddress, ulong seed)
    {
        while (true)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, 0));
            var server = new IPEndPoint(serverAddress, ((IPEndPoint)socket.LocalEndPoint!).Port);
            if (IsFree(server)) return new UdpImpairmentRelay(socket, server, seed);
            socket.Dispose();
        }
    }

    public void Dispose()
    {
        _isStopping = true;
        _thread.Join();
        _socket.Dispose();
        foreach (var client in _clients.Values) client.ToServer.Dispose();
    }

    private static bool IsFree(IPEndPoint endPoint)
    {
        try
        {
            using var probe = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Bind(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Run()
    {
        while (!_isStopping)
        {
            List<Socket> readable = [_socket, .. _bySocket.Keys];
            Socket.Select(readable, null, null, WaitUs());
            foreach (var socket in readable) Receive(socket);
            SendDue();
        }
    }

    private int WaitUs()
    {
        if (!_waiting.TryPeek(out _, out var first)) return LongestWaitUs;
        return (int)Math.Clamp((first.DueMs - NowMs()) * 1_000, 0, LongestWaitUs);
    }

    private void Receive(Socket socket)
    {
        while (socket.Available > 0)
        {
            EndPoint from = new IPEndPoint(_server.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            int length;
            try
            {
                length = socket.ReceiveFrom(_buffer, ref from);
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier send: the other end is gone or not there yet.
                return;
            }

            bool isUp = socket == _socket;
            var client = isUp ? ClientAt(from) : _bySocket[socket];
            Plan(isUp ? client.Up : client.Down, isUp, client, _buffer.AsSpan(0, length));
        }
    }

    private Client ClientAt(EndPoint from)
    {
        if (_clients.TryGetValue(from, out var known)) return known;
        var toServer = new Socket(_server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        toServer.Bind(new IPEndPoint(Address.Address, 0));
        ulong number = (ulong)_clients.Count;
        var client = new Client(from, toServer, new ImpairmentPlan(_seed + 2 * number), new ImpairmentPlan(_seed + 2 * number + 1));
        _clients[from] = client;
        _bySocket[toServer] = client;
        return client;
    }

    private void Plan(ImpairmentPlan plan, bool isUp, Client client, ReadOnlySpan<byte> datagram)
    {
        var arrival = plan.Next(_link, NowMs());
        Interlocked.Increment(ref arrival.Copies == 0 ? ref _lost : ref _passed);
        if (arrival.Copies == 0) return;
        byte[] bytes = datagram.ToArray();
        for (int i = 0; i < arrival.Copies; i++) _waiting.Enqueue(new Delivery(client, isUp, bytes), (arrival.AtMs, _order++));
    }

    private void SendDue()
    {
        while (_waiting.TryPeek(out var next, out var due) && due.DueMs <= NowMs())
        {
            _waiting.Dequeue();
            try
            {
                if (next.IsUp) next.Client.ToServer.SendTo(next.Datagram, _server);
                else _socket.SendTo(next.Datagram, next.Client.Address);
            }
            catch (SocketException)
            {
                // Nobody listens there now: a datagram to nowhere is lost, as on any network.
            }
        }
    }

    private static double NowMs() => Stopwatch.GetTimestamp() * 1_000.0 / Stopwatch.Frequency;

    private sealed record Client(EndPoint Address, Socket ToServer, ImpairmentPlan Up, ImpairmentPlan Down);

    private readonly record struct Delivery(Client Client, bool IsUp, byte[] Datagram);
}
