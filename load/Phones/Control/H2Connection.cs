using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using Comms.Phones.Io;

namespace Comms.Phones.Control;

/// <summary>
/// One TLS connection with HTTP/2 on which many phones have their WebSockets: one reader and one writer for all of them. Whatever
/// ends it ends its phones' links.
/// </summary>
internal sealed class H2Connection : IDisposable
{
    private const int FrameBytesMax = 16_384;
    private readonly FleetOptions _options;
    private readonly H2Pool _pool;
    private readonly Channel<byte[]> _output = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _moreWindow = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Dictionary<int, H2Link> _links = [];
    private readonly Task _running;
    private int _nextStream = 1;
    private long _window = H2Frame.DefaultWindow;

    public H2Connection(FleetOptions options, H2Pool pool)
    {
        (_options, _pool) = (options, pool);
        _running = Task.Run(RunAsync);
    }

    /// <summary>Queues a whole frame. Any thread.</summary>
    public void Send(byte[] frame) => _output.Writer.TryWrite(frame);

    /// <summary>Opens a stream for the link; frames of it may be sent once the server has accepted it. Any thread.</summary>
    public void Open(H2Link link, string path)
    {
        // Stream numbers must rise in the order in which they are opened on the wire.
        lock (_lock)
        {
            link.Stream = _nextStream;
            _nextStream += 2;
            _links[link.Stream] = link;
            Send(H2Frame.Connect(link.Stream, $"{_options.Host}:{_options.Https.Port}", path));
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        try
        {
            _running.Wait(TimeSpan.FromSeconds(5));
        }
        catch (AggregateException)
        {
            // It was cancelled.
        }

        _stop.Dispose();
        _moreWindow.Dispose();
    }

    private async Task RunAsync()
    {
        string fault = "the HTTP/2 connection ended";
        try
        {
            var address = new IPAddress([(byte)(_options.Https.Address >> 24), (byte)(_options.Https.Address >> 16), (byte)(_options.Https.Address >> 8), (byte)_options.Https.Address]);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(address, _options.Https.Port, _stop.Token);
            await using var tls = new SslStream(new NetworkStream(socket), leaveInnerStreamOpen: false, ServerTrust.Check(_options.Authority));
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions { TargetHost = _options.Host, ApplicationProtocols = [SslApplicationProtocol.Http2] }, _stop.Token);
            await tls.WriteAsync(H2Frame.Preface(), _stop.Token);
            Task reading = ReadAsync(tls);
            Task writing = WriteAsync(tls);
            await await Task.WhenAny(reading, writing);
        }
        catch (Exception end) when (end is IOException or SocketException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            fault = end.Message;
        }

        lock (_lock)
        {
            foreach (H2Link link in _links.Values) _pool.Post(new H2Pool.Mail(link, null, fault, 0));
        }
    }

    private async Task WriteAsync(SslStream tls)
    {
        await _ready.Task.WaitAsync(_stop.Token);
        var batch = new List<byte>(4 * FrameBytesMax);
        while (await _output.Reader.WaitToReadAsync(_stop.Token))
        {
            while (batch.Count < 2 * FrameBytesMax && _output.Reader.TryRead(out byte[]? frame))
            {
                if (frame[3] == H2Frame.Data) await TakeWindowAsync(tls, batch, frame.Length - H2Frame.HeaderBytes);
                batch.AddRange(frame);
            }

            await FlushAsync(tls, batch);
        }
    }

    private async Task TakeWindowAsync(SslStream tls, List<byte> batch, int bytes)
    {
        while (Volatile.Read(ref _window) < bytes)
        {
            await FlushAsync(tls, batch);
            await _moreWindow.WaitAsync(_stop.Token);
        }

        Interlocked.Add(ref _window, -bytes);
    }

    private async Task FlushAsync(SslStream tls, List<byte> batch)
    {
        if (batch.Count == 0) return;
        await tls.WriteAsync(batch.ToArray(), _stop.Token);
        batch.Clear();
    }

    private async Task ReadAsync(SslStream tls)
    {
        var header = new byte[H2Frame.HeaderBytes];
        var payload = new byte[FrameBytesMax];
        while (true)
        {
            await tls.ReadExactlyAsync(header, _stop.Token);
            int length = header[0] << 16 | header[1] << 8 | header[2];
            if (length > FrameBytesMax) throw new IOException("The server sent a frame that is too long.");
            await tls.ReadExactlyAsync(payload.AsMemory(0, length), _stop.Token);
            Take(header, payload.AsSpan(0, length));
        }
    }

    private void Take(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload)
    {
        int stream = BinaryPrimitives.ReadInt32BigEndian(header[5..]) & 0x7FFF_FFFF;
        bool isAnswer = (header[4] & H2Frame.Acknowledged) != 0;
        switch (header[3])
        {
            case H2Frame.Settings when !isAnswer:
                TakeSettings(payload);
                break;
            case H2Frame.Ping when !isAnswer:
                Send(H2Frame.Make(H2Frame.Ping, H2Frame.Acknowledged, 0, payload));
                break;
            case H2Frame.WindowUpdate when stream == 0:
                Interlocked.Add(ref _window, BinaryPrimitives.ReadInt32BigEndian(payload));
                _moreWindow.Release();
                break;
            case H2Frame.Headers when Find(stream) is { } link:
                _pool.Post(new H2Pool.Mail(link, null, H2Frame.IsOk(payload) ? null : "the server refused the stream", 0));
                break;
            case H2Frame.Data when Find(stream) is { } link:
                _pool.Post(new H2Pool.Mail(link, payload.ToArray(), null, Clocks.MonotonicNs));
                break;
            case H2Frame.ResetStream when Find(stream) is { } link:
                _pool.Post(new H2Pool.Mail(link, null, "the server reset the stream", 0));
                break;
            case H2Frame.GoAway:
                throw new IOException("The server sent GOAWAY.");
        }
    }

    private void TakeSettings(ReadOnlySpan<byte> payload)
    {
        for (; payload.Length >= 6; payload = payload[6..])
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(payload) == H2Frame.SettingConnectProtocol && payload[5] == 1) _ready.TrySetResult();
        }

        Send(H2Frame.Make(H2Frame.Settings, H2Frame.Acknowledged, 0, []));
    }

    private H2Link? Find(int stream)
    {
        lock (_lock) return _links.GetValueOrDefault(stream);
    }
}
