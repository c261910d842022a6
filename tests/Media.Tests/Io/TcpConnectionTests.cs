using System.Net;
using System.Net.Sockets;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Io;

public sealed class TcpConnectionTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly EventLoop _loop = new(0, NullLogger.Instance);
    private readonly Server _server;

    public TcpConnectionTests()
    {
        _server = new Server(_loop);
        _loop.Start();
    }

    public void Dispose()
    {
        _loop.Dispose();
        _server.Listener.Dispose();
    }

    [Fact]
    public async Task Bytes_are_kept_until_they_are_consumed_and_answers_reach_the_peer()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.Listener.LocalEndPoint);
        var stream = client.GetStream();
        await stream.WriteAsync("ab"u8.ToArray());
        await stream.WriteAsync("cd\nef"u8.ToArray());
        await stream.WriteAsync("\n"u8.ToArray());
        var answer = new byte[8];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Patience);
        Assert.Equal("abcd\nef\n"u8.ToArray(), answer);
        client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(TcpCloseReason.PeerClosed, await _server.Closed.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_line_longer_than_the_buffer_ends_the_connection()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.Listener.LocalEndPoint);
        await client.GetStream().WriteAsync(new byte[5000]);
        Assert.Equal(TcpCloseReason.ReceiveBufferFull, await _server.Closed.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task A_peer_that_does_not_read_is_closed_when_its_queue_is_full()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_server.Listener.LocalEndPoint);
        await client.GetStream().WriteAsync("flood\n"u8.ToArray());
        Assert.Equal(TcpCloseReason.WriteQueueFull, await _server.Closed.Task.WaitAsync(Patience));
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_at_once_arrives_later_in_order()
    {
        using var client = new TcpClient { ReceiveBufferSize = 8192 };
        await client.ConnectAsync(_server.Listener.LocalEndPoint);
        var stream = client.GetStream();
        await stream.WriteAsync("large\n"u8.ToArray());
        await _server.LargeWritten.Task.WaitAsync(Patience);
        var received = new byte[Server.LargeBytes];
        await stream.ReadExactlyAsync(received).AsTask().WaitAsync(Patience);
        Assert.True(received.Select((value, index) => value == (byte)(index / 1000)).All(equal => equal));
    }

    private sealed class Server : ITcpConnectionOwner
    {
        public const int LargeBytes = 8_000_000;
        private readonly EventLoop _loop;

        public Server(EventLoop loop)
        {
            _loop = loop;
            Listener = new TcpListenerDescriptor(loop, new IPEndPoint(IPAddress.Loopback, 0), OnAccepted);
            Listener.Attach();
        }

        public TcpListenerDescriptor Listener { get; }

        public TaskCompletionSource<TcpCloseReason> Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource LargeWritten { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now)
        {
            int end = bytes.LastIndexOf((byte)'\n') + 1;
            var line = bytes[..end];
            if (line.SequenceEqual("flood\n"u8))
            {
                while (connection.Write(new byte[1000], now)) Assert.InRange(connection.QueuedBytes, 0, 10_000_000);
            }
            else if (line.SequenceEqual("large\n"u8))
            {
                var bytesOut = new byte[LargeBytes];
                for (int i = 0; i < bytesOut.Length; i++) bytesOut[i] = (byte)(i / 1000);
                Assert.True(connection.Write(bytesOut, now));
                LargeWritten.TrySetResult();
            }
            else if (end > 0)
            {
                connection.Write(line, now);
            }

            return end;
        }

        public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now) => Closed.TrySetResult(reason);

        private void OnAccepted(int descriptor, TransportAddress remote, Instant now) =>
            _ = new TcpConnection(_loop, descriptor, this, remote, new TcpConnectionLimits(4096, 10_000_000));
    }
}
