using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Comms.Media.Io;
using Comms.Media.Numbers;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Comms.Media.Tests.Io;

public sealed class TcpConnectorTests : IDisposable
{
    private readonly EventLoop _loop = new(0, NullLogger.Instance);
    private readonly Owner _owner = new();

    public TcpConnectorTests() => _loop.Start();

    public void Dispose() => _loop.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task A_listener_is_reached_and_hears_what_is_written(string address)
    {
        using var listener = new TcpListener(IPAddress.Parse(address), 0);
        listener.Start();
        Assert.Null(await StartAsync((IPEndPoint)listener.LocalEndpoint));
        using var accepted = await listener.AcceptTcpClientAsync();
        Assert.Equal("connected", await _owner.NextAsync());
        var buffer = new byte[5];
        await accepted.GetStream().ReadExactlyAsync(buffer);
        Assert.Equal("hello"u8.ToArray(), buffer);
    }

    [Fact]
    public async Task A_port_without_a_listener_is_refused()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var at = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        Assert.Equal("Refused", await StartAsync(at) ?? await _owner.NextAsync());
    }

    [Fact]
    public async Task A_listener_that_never_answers_is_given_up()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(0);
        var at = (IPEndPoint)listener.LocalEndPoint!;
        // The queue of a listener that accepts nobody holds a few; further ones get no answer.
        for (var i = 0; i < 8; i++)
        {
            await StartAsync(at, timeoutMs: 300);
        }

        string outcome;
        do
        {
            outcome = await _owner.NextAsync();
        }
        while (outcome == "connected");
        Assert.Equal("TimedOut", outcome);
    }

    private Task<string?> StartAsync(IPEndPoint at, int timeoutMs = 30_000) => _loop.CallAsync(
        _ => TcpConnector.Start(_loop, TransportAddress.From(at), timeoutMs, _owner.On(_loop), out var failure) is null ? failure.ToString() : null,
        "not run");

    private sealed class Owner : ITcpConnectorOwner, ITcpConnectionOwner
    {
        private readonly Channel<string> _outcomes = Channel.CreateUnbounded<string>();
        private EventLoop? _loop;

        public Owner On(EventLoop loop)
        {
            _loop = loop;
            return this;
        }

        public async Task<string> NextAsync()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            return await _outcomes.Reader.ReadAsync(patience.Token);
        }

        public void OnConnected(TcpConnector connector, int descriptor, Instant now)
        {
            new TcpConnection(_loop!, descriptor, this, default, new TcpConnectionLimits()).Write("hello"u8, now);
            _outcomes.Writer.TryWrite("connected");
        }

        public void OnRefused(TcpConnector connector, TcpConnectFailure failure, Instant now) => _outcomes.Writer.TryWrite(failure.ToString());

        public int OnReceived(TcpConnection connection, ReadOnlySpan<byte> bytes, Instant now) => bytes.Length;

        public void OnClosed(TcpConnection connection, TcpCloseReason reason, Instant now)
        {
        }
    }
}
