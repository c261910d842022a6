using System.Net;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Io;

public sealed class UdpSocketTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly EventLoop _loop = new(0, NullLogger.Instance);
    private readonly UdpReceiveBatch _batch = new();
    private readonly DropCounters _drops = new();
    private readonly List<UdpSocket> _sockets = [];

    public void Dispose()
    {
        _loop.Dispose();
        foreach (var socket in _sockets) socket.Dispose();
        _batch.Dispose();
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("::1", true)]
    public async Task Datagrams_arrive_whole_in_order_and_name_their_sender(string address, bool batched)
    {
        var recorder = new Recorder(100);
        var a = Open(address, new Recorder(int.MaxValue), batched);
        var b = Open(address, recorder, batched);
        _loop.Start();
        _loop.Post(_ =>
        {
            for (int i = 0; i < 100; i++)
            {
                var room = a.Reserve(100 + i);
                room.Fill((byte)i);
                a.Commit(100 + i, b.Local);
            }
        });
        await recorder.Complete.Task.WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => (100 + i, (byte)i, a.Local)), recorder.Seen);
        Assert.Equal(100, a.PacketsSent);
        Assert.Equal(0, _drops[DropReason.SendFailed]);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task Bursts_to_one_destination_arrive_as_the_datagrams_that_they_were(string address)
    {
        int[] sizes = [.. Enumerable.Repeat(1_180, 70), 300, 300, 700, 1_180, 1_180, 40, 41, 40, 40];
        var recorder = new Recorder(sizes.Length);
        var aside = new Recorder(10);
        var a = Open(address, new Recorder(int.MaxValue), batched: true);
        var b = Open(address, recorder, batched: true);
        var c = Open(address, aside, batched: true);
        _loop.Start();
        _loop.Post(_ =>
        {
            for (int i = 0; i < sizes.Length; i++)
            {
                a.Reserve(sizes[i]).Fill((byte)i);
                a.Commit(sizes[i], b.Local);
                if (i % 8 != 7) continue;
                a.Reserve(1_180).Fill(0xFF);
                a.Commit(1_180, c.Local);
            }

            a.Reserve(7).Fill(0xFF);
            a.Commit(7, c.Local);
        });
        await Task.WhenAll(recorder.Complete.Task, aside.Complete.Task).WaitAsync(Patience);

        Assert.Equal(sizes.Select((size, i) => (size, (byte)i, a.Local)), recorder.Seen);
        Assert.Equal(10, aside.Seen.Count);
        Assert.Equal(sizes.Length + 10, a.PacketsSent);
        Assert.Equal(0, _drops[DropReason.SendFailed]);
    }

    [Fact]
    public async Task Receiving_and_sending_allocate_nothing()
    {
        var echo = new Echo();
        var a = Open("127.0.0.1", echo, true);
        var b = Open("127.0.0.1", echo, true);
        echo.Remaining = 500;
        _loop.Start();
        await RunEcho(echo, a, b);
        long before = _loop.AllocatedBytes;
        echo.Remaining = 2_000;
        await RunEcho(echo, a, b);
        Assert.InRange(_loop.AllocatedBytes - before, 0, 2_000);
    }

    [Fact]
    public async Task An_oversized_datagram_is_dropped_as_truncated()
    {
        var recorder = new Recorder(1);
        var b = Open("127.0.0.1", recorder, true);
        _loop.Start();
        using var client = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        client.Send(new byte[UdpReceiveBatch.MaxDatagramBytes + 1], b.LocalEndPoint);
        client.Send(new byte[3], b.LocalEndPoint);
        await recorder.Complete.Task.WaitAsync(Patience);
        Assert.Equal(3, recorder.Seen.Single().Item1);
        Assert.Equal(1, _drops[DropReason.Truncated]);
    }

    [Fact]
    public async Task Datagrams_that_the_kernel_drops_before_reading_are_counted()
    {
        var recorder = new Recorder(int.MaxValue);
        var socket = new UdpSocket(_loop, _batch, recorder, _drops, new IPEndPoint(IPAddress.Loopback, 0), new UdpSocketOptions { ReceiveBufferBytes = 4096 });
        _sockets.Add(socket);
        using var client = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        for (int i = 0; i < 200; i++) client.Send(new byte[1000], socket.LocalEndPoint);
        socket.Attach();
        _loop.Start();
        while (await _loop.CallAsync(_ => recorder.Seen.Count, 0).WaitAsync(Patience) == 0) await Task.Yield();
        client.Send(new byte[1000], socket.LocalEndPoint);
        while (socket.KernelOverflows == 0) await _loop.CallAsync(_ => 0, 0).WaitAsync(Patience);
        Assert.InRange(socket.KernelOverflows, 1, 200);
    }

    private static async Task RunEcho(Echo echo, UdpSocket a, UdpSocket b)
    {
        echo.Done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var starter = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        echo.Peers = (a, b);
        starter.Send(new byte[50], a.LocalEndPoint);
        await echo.Done.Task.WaitAsync(Patience);
    }

    private UdpSocket Open(string address, IDatagramReceiver receiver, bool batched)
    {
        var socket = new UdpSocket(_loop, _batch, receiver, _drops, new IPEndPoint(IPAddress.Parse(address), 0), new UdpSocketOptions { Batched = batched });
        socket.Attach();
        _sockets.Add(socket);
        return socket;
    }

    private sealed class Recorder(int expected) : IDatagramReceiver
    {
        public List<(int Bytes, byte First, TransportAddress From)> Seen { get; } = [];

        public TaskCompletionSource Complete { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnDatagram(UdpSocket socket, Span<byte> datagram, in TransportAddress from, Instant now)
        {
            Seen.Add((datagram.Length, datagram[0], from));
            if (Seen.Count == expected) Complete.TrySetResult();
        }
    }

    private sealed class Echo : IDatagramReceiver
    {
        public int Remaining { get; set; }

        public (UdpSocket A, UdpSocket B) Peers { get; set; }

        public TaskCompletionSource Done { get; set; } = new();

        public void OnDatagram(UdpSocket socket, Span<byte> datagram, in TransportAddress from, Instant now)
        {
            if (Remaining-- <= 0)
            {
                Done.TrySetResult();
                return;
            }

            var other = ReferenceEquals(socket, Peers.A) ? Peers.B : Peers.A;
            datagram.CopyTo(socket.Reserve(datagram.Length));
            socket.Commit(datagram.Length, other.Local);
        }
    }
}
