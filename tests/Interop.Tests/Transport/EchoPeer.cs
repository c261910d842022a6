using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Ice;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Stun;
using Comms.Signaling.WebRtc;

namespace Comms.Interop.Tests.Transport;

/// <summary>
/// The smallest WebRTC peer over our transport parts: answers one offer, shakes hands, and sends every voice packet back under the
/// answer's own SSRC. One thread, one socket.
/// </summary>
internal sealed class EchoPeer : IAsyncDisposable
{
    private static readonly OpenSslDtlsContext Dtls = new(DtlsIdentity.Create());
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _out = new byte[2048];
    private readonly SrtpProfile _profile;
    private IceLiteAgent _ice = null!;
    private IDtlsEndpoint _dtls = null!;
    private SrtpSender? _sender;
    private SrtpReceiver? _receiver;
    private Task _loop = Task.CompletedTask;
    private uint _ssrc;

    public EchoPeer(SrtpProfile profile) => _profile = profile;

    public DtlsState State => _dtls.State;

    public SrtpProfile? Negotiated => _dtls.Keys?.Profile;

    public long RtpReceived { get; private set; }

    public long RtcpReceived { get; private set; }

    public long Refused { get; private set; }

    /// <summary>Answers the offer and starts to serve it.</summary>
    public string Answer(string offer)
    {
        if (!OfferAnswer.TryNegotiate(offer, OfferKind.Voice, 77_000, "echo", out var negotiated, out var refusal))
            throw new InvalidOperationException($"The offer was refused: {refusal}");
        var parameters = negotiated.Parameters;
        var local = IceCredentials.Create(1);
        _ssrc = parameters.AudioSlots[0].LocalSsrc;
        _ice = new IceLiteAgent(local, new IceCredentials(parameters.RemoteUfrag, parameters.RemotePassword), Now());
        var fingerprint = new DtlsFingerprint(parameters.FingerprintAlgorithm, parameters.Fingerprint);
        _dtls = Dtls.CreateEndpoint(DtlsRole.Server, fingerprint, Now(), [_profile]);
        _loop = Task.Run(LoopAsync);
        var description = new MediaNodeDescription
        {
            FingerprintSha256 = Dtls.Identity.Fingerprint.Hash,
            Candidates = [(IPEndPoint)_socket.Client.LocalEndPoint!],
            RtpAddress = IPAddress.Loopback,
        };
        return AnswerWriter.Write(negotiated, new LocalIceTransport(new SessionId(1), local.Ufrag, local.Password), description);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _dtls?.Dispose();
        _sender?.Dispose();
        _receiver?.Dispose();
        _socket.Dispose();
        _stop.Dispose();
    }

    private static Instant Now() => new((long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency)));

    private async Task LoopAsync()
    {
        try
        {
            while (true)
            {
                var datagram = await _socket.ReceiveAsync(_stop.Token);
                Handle(datagram.Buffer, datagram.RemoteEndPoint);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Handle(byte[] datagram, IPEndPoint remote)
    {
        var path = new NetworkPath(PathTransport.Udp, TransportAddress.From((IPEndPoint)_socket.Client.LocalEndPoint!), TransportAddress.From(remote));
        switch (datagram[0])
        {
            case <= 3: HandleCheck(datagram, path, remote); break;
            case >= 20 and <= 63 when _ice.IsValidPath(path): HandleDtls(datagram, remote); break;
            case >= 128 and <= 191 when _receiver is not null && _ice.IsValidPath(path): HandleMedia(datagram, remote); break;
        }
    }

    private void HandleCheck(byte[] datagram, NetworkPath path, IPEndPoint remote)
    {
        if (!StunMessage.TryParse(datagram, out var message)) return;
        var result = _ice.HandleRequest(message, path, Now(), _out);
        if (result.ReplyBytes > 0) _socket.Send(_out.AsSpan(0, result.ReplyBytes), remote);
    }

    private void HandleDtls(byte[] datagram, IPEndPoint remote)
    {
        _dtls.HandleDatagram(datagram, Now());
        while (_dtls.TryPollTransmit(_out, out int length)) _socket.Send(_out.AsSpan(0, length), remote);
        if (_dtls.Keys is not { } keys || _sender is not null) return;
        _sender = new SrtpSender(keys.Local);
        _receiver = new SrtpReceiver(keys.Remote);
    }

    private void HandleMedia(byte[] datagram, IPEndPoint remote)
    {
        bool isRtcp = (datagram[1] & 0x7F) is >= 64 and <= 95;
        int length;
        var error = isRtcp ? _receiver!.UnprotectRtcp(datagram, out length) : _receiver!.Unprotect(datagram, out length);
        if (error != SrtpError.None)
        {
            Refused++;
            return;
        }

        if (isRtcp) RtcpReceived++;
        else Echo(datagram.AsSpan(0, length), remote);
    }

    private void Echo(Span<byte> packet, IPEndPoint remote)
    {
        RtpReceived++;
        packet.CopyTo(_out);
        BinaryPrimitives.WriteUInt32BigEndian(_out.AsSpan(8), _ssrc);
        if (_sender!.TryProtect(_out, packet.Length, out int length)) _socket.Send(_out.AsSpan(0, length), remote);
        if (RtpReceived % 50 == 1) SendReport(packet, remote);
    }

    // A receiver report with one block (RFC 3550 §6.4.2): the browser shows it only when it could open our SRTCP.
    private void SendReport(ReadOnlySpan<byte> packet, IPEndPoint remote)
    {
        const int ReportBytes = 32;
        var report = _out.AsSpan(0, ReportBytes);
        report.Clear();
        ReadOnlySpan<byte> header = [0x81, 201, 0, 7];
        header.CopyTo(report);
        BinaryPrimitives.WriteUInt32BigEndian(report[4..], _ssrc);
        packet.Slice(8, 4).CopyTo(report[8..]);
        packet.Slice(2, 2).CopyTo(report[18..]);
        if (_sender!.TryProtectRtcp(_out, ReportBytes, out int length)) _socket.Send(_out.AsSpan(0, length), remote);
    }
}
