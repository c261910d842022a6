using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Ice;
using Comms.Media.Io;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire;
using Comms.Media.Wire.Rtp;

namespace Comms.Support;

/// <summary>One RTP packet that a peer has received and unprotected.</summary>
public sealed record HeardPacket(uint Ssrc, byte PayloadType, ushort Sequence, uint Timestamp, bool Marker, byte[] Payload);

/// <summary>
/// A browser's media transport for tests, over a real UDP socket: full ICE agent's checks, DTLS client, SRTP. It
/// receives on the thread pool; sending may be done from the test. Not for load.
/// </summary>
public sealed class TestPeer : IAsyncDisposable
{
    public const byte OpusPayloadType = 111;
    public const byte VideoPayloadType = 102;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly Lazy<OpenSslDtlsContext> Context = new(() => new OpenSslDtlsContext(DtlsIdentity.Create()));

    private readonly IPAddress _address;
    private Socket _socket;
    private IceCredentials _own = new("peer" + Guid.NewGuid().ToString("N")[..8], Guid.NewGuid().ToString("N"));
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly SrtpProfile[]? _profiles;
    private IDtlsEndpoint? _dtls;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private IceCredentials? _server;
    private Task _running = Task.CompletedTask;
    private uint _checks;

    public TestPeer(IPAddress? address = null, SrtpProfile[]? profiles = null)
    {
        _profiles = profiles;
        _address = address ?? IPAddress.Loopback;
        _socket = Bind(_address);
    }

    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Ends when the peer's side of the handshake is done.</summary>
    public Task Connected => _connected.Task;

    public SessionId Session { get; private set; }

    public IPEndPoint? Server { get; private set; }

    public uint TalkSsrc { get; init; } = 0x0A0B0C0D;

    /// <summary>Everything heard, in order of arrival.</summary>
    public ConcurrentQueue<HeardPacket> Heard { get; } = new();

    /// <summary>Every SRTP datagram as it arrived, also those refused; only kept when asked for.</summary>
    public ConcurrentQueue<byte[]> RawRtp { get; } = new();

    public bool KeepsRawRtp { get; set; }

    /// <summary>Plain RTCP compounds received.</summary>
    public ConcurrentQueue<byte[]> Reports { get; } = new();

    /// <summary>SRTP that did not authenticate or was a repetition.</summary>
    public int Refused { get; private set; }

    /// <summary>Every datagram sent as RTP, protected: for replaying.</summary>
    public List<byte[]> SentRtp { get; } = [];

    private static Instant Now => MonotonicClock.Now;

    /// <summary>What a page with one talk slot, more receiving slots and perhaps video would negotiate.</summary>
    public WebRtcSessionParameters Parameters(int slots = 1, bool video = false, bool rtx = false) => new()
    {
        RemoteUfrag = _own.Ufrag,
        RemotePassword = _own.Password,
        FingerprintAlgorithm = "sha-256",
        Fingerprint = Context.Value.Identity.Fingerprint.Hash,
        Owner = "unit-" + LocalEndPoint.Port,
        AudioSlots =
        [
            .. Enumerable.Range(0, slots).Select(slot => new AudioSlot
            {
                Mid = slot.ToString(System.Globalization.CultureInfo.InvariantCulture),
                PayloadType = OpusPayloadType,
                LocalSsrc = SlotSsrc(slot),
                MayTalk = slot == 0,
            }),
        ],
        Video = video
            ? new VideoSlot { Mid = "v", PayloadType = VideoPayloadType, LocalSsrc = 7_000, RtxPayloadType = rtx ? (byte)103 : (byte)0, RtxSsrc = rtx ? 7_001u : 0 }
            : null,
    };

    /// <summary>An Opus packet of one 20 ms frame, whose second byte is the mark; nothing that decodes to speech.</summary>
    public static byte[] OpusPacket(int mark) => [0x78, (byte)mark, 0, 0];

    public static uint SlotSsrc(int slot) => 5_000u + (uint)slot;

    /// <summary>Opens a session on the node and connects to its first IPv4 loopback candidate.</summary>
    public async Task ConnectAsync(IMediaNode node, int slots = 1, bool video = false, bool rtx = false)
    {
        await OpenAsync(node, slots, video, rtx);
        await StartAsync(node);
    }

    public Task OpenAsync(IMediaNode node, int slots = 1, bool video = false, bool rtx = false) =>
        OpenAsync(node, Parameters(slots, video, rtx));

    public async Task OpenAsync(IMediaNode node, WebRtcSessionParameters parameters)
    {
        var opened = await node.OpenWebRtcSessionAsync(parameters);
        if (opened.Value is not { } transport) throw new InvalidOperationException($"refused: {opened.Refusal}");
        Session = transport.Session;
        _server = new IceCredentials(transport.Ufrag, transport.Password);
    }

    public async Task StartAsync(IMediaNode node)
    {
        Begin(node);
        await _connected.Task.WaitAsync(Patience);
    }

    /// <summary>Starts checking and shaking hands without waiting for the end of it.</summary>
    public void Begin(IMediaNode node)
    {
        Server = node.Description.Candidates.First(candidate => candidate.AddressFamily == AddressFamily.InterNetwork && IPAddress.IsLoopback(candidate.Address));
        var fingerprint = new DtlsFingerprint("sha-256", node.Description.FingerprintSha256);
        _running = Task.Run(() => RunAsync(fingerprint));
    }

    /// <summary>Goes on from another port, as behind a NAT that forgot its binding; the next check tells the server.</summary>
    public void Rebind()
    {
        var former = _socket;
        _socket = Bind(_address);
        former.Dispose();
        Check();
    }

    /// <summary>ICE restart: the node's new credentials are used from the next check on, which goes out at once from a new port.</summary>
    public async Task RestartIceAsync(IMediaNode node)
    {
        var own = new IceCredentials("peer" + Guid.NewGuid().ToString("N")[..8], Guid.NewGuid().ToString("N"));
        var restarted = await node.RestartIceAsync(Session, own.Ufrag, own.Password);
        if (restarted.Value is not { } transport) throw new InvalidOperationException($"refused: {restarted.Refusal}");
        _own = own;
        _server = new IceCredentials(transport.Ufrag, transport.Password);
        Rebind();
    }

    /// <summary>Sends one Opus payload on the talk slot.</summary>
    public byte[] Say(ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, bool marker = false)
    {
        byte[] datagram = Protect(sequence, timestamp, payload, marker);
        SendRaw(datagram);
        return datagram;
    }

    /// <summary>Makes the protected packet without sending it.</summary>
    public byte[] Protect(ushort sequence, uint timestamp, ReadOnlySpan<byte> payload, bool marker = false)
    {
        byte[] buffer = new byte[RtpHeader.Bytes + payload.Length + SrtpProfileSizes.MaxOverheadBytes];
        new RtpHeader(OpusPayloadType, marker, sequence, timestamp, TalkSsrc).Write(buffer);
        payload.CopyTo(buffer.AsSpan(RtpHeader.Bytes));
        lock (_lock)
        {
            if (!_sender!.TryProtect(buffer, RtpHeader.Bytes + payload.Length, out int length)) throw new InvalidOperationException("not protected");
            byte[] datagram = buffer[..length];
            SentRtp.Add(datagram);
            return datagram;
        }
    }

    public void SendRtcp(ReadOnlySpan<byte> compound)
    {
        byte[] buffer = new byte[compound.Length + SrtpProfileSizes.MaxOverheadBytes];
        compound.CopyTo(buffer);
        lock (_lock)
        {
            if (!_sender!.TryProtectRtcp(buffer, compound.Length, out int length)) throw new InvalidOperationException("not protected");
            SendRaw(buffer.AsSpan(0, length));
        }
    }

    public void SendRaw(ReadOnlySpan<byte> datagram) => _socket.SendTo(datagram, Server!);

    /// <summary>Sends a check now; the peer also sends one every 500 ms.</summary>
    public void Check() => SendRaw(IceCheck.Write(_own, _server!, number: Interlocked.Increment(ref _checks)));

    public async Task WaitHeardAsync(int count)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (Heard.Count < count)
        {
            if (limit.IsCancellationRequested) throw new TimeoutException($"heard {Heard.Count} of {count} packets, refused {Refused}");
            await Task.Yield();
        }
    }

    /// <summary>Stops sending checks and closes the socket, as a phone that lost its link does.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        _socket.Dispose();
        await _running;
        _dtls?.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
    }

    private static Socket Bind(IPAddress address)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    private async Task RunAsync(DtlsFingerprint fingerprint) => await Task.WhenAll(ReceiveAsync(fingerprint), TickAsync());

    private async Task ReceiveAsync(DtlsFingerprint fingerprint)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(2048, pinned: true);
        var anyone = new IPEndPoint(IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var result = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, anyone);
                lock (_lock) Handle(buffer.AsSpan(0, result.ReceivedBytes), fingerprint);
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                // The socket was closed: by the end, or by a rebind, which has put another in its place.
                await Task.Yield();
            }
        }
    }

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        Instant nextCheck = Now;
        try
        {
            do
            {
                lock (_lock) HandleDtlsTimeout();
                if (Now < nextCheck) continue;
                Check();
                nextCheck = Now.AddMs(_connected.Task.IsCompleted ? 500 : 50);
            }
            while (await timer.WaitForNextTickAsync(_stop.Token));
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            return;
        }
    }

    private void Handle(Span<byte> datagram, DtlsFingerprint fingerprint)
    {
        switch (DatagramDemultiplexer.Classify(datagram))
        {
            case DatagramKind.Stun when _dtls is null:
                _dtls = Context.Value.CreateEndpoint(DtlsRole.Client, fingerprint, Now, _profiles);
                DrainDtls();
                break;
            case DatagramKind.Dtls:
                _dtls?.HandleDatagram(datagram, Now);
                DrainDtls();
                break;
            case DatagramKind.Rtp:
                Hear(datagram);
                break;
            case DatagramKind.Rtcp when _receiver is not null:
                if (_receiver.UnprotectRtcp(datagram, out int length) == SrtpError.None) Reports.Enqueue(datagram[..length].ToArray());
                else Refused++;
                break;
        }
    }

    private void Hear(Span<byte> datagram)
    {
        if (KeepsRawRtp) RawRtp.Enqueue(datagram.ToArray());
        if (_receiver is null || _receiver.Unprotect(datagram, out int length) != SrtpError.None || !RtpPacketView.TryParse(datagram[..length], out var packet))
        {
            Refused++;
            return;
        }

        Heard.Enqueue(new HeardPacket(packet.Ssrc, packet.PayloadType, packet.SequenceNumber, packet.Timestamp, packet.Marker, packet.Payload.ToArray()));
    }

    private void HandleDtlsTimeout()
    {
        if (_dtls is null || Now < _dtls.NextDeadline) return;
        _dtls.HandleTimeout(Now);
        DrainDtls();
    }

    private void DrainDtls()
    {
        Span<byte> room = stackalloc byte[2048];
        while (_dtls!.TryPollTransmit(room, out int length)) SendRaw(room[..length]);
        if (_dtls.Keys is not { } keys || _sender is not null) return;
        _receiver = new SrtpReceiver(keys.Remote);
        _sender = new SrtpSender(keys.Local);
        _connected.TrySetResult();
    }
}
