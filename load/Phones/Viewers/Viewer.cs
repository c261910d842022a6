using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtcp;
using Comms.Phones.Io;
using Comms.Phones.Media;

namespace Comms.Phones.Viewers;

/// <summary>
/// One simulated viewer of a camera: ICE checks, DTLS and SRTP of its own, and the reports of a page. It counts every packet of video by
/// its sequence number; a compared one decrypts them too. Owned by the fleet's loop.
/// </summary>
internal sealed class Viewer(int number, uint address, bool isCompared, PhoneSocket socket, OpenSslDtlsContext dtls)
{
    private const int RtpHeaderBytes = 12;
    private const uint OwnSsrc = 0x2000_0000;

    private readonly string _ufrag = $"v{number:x5}";
    private readonly byte[] _rtpKey = new byte[SrtpOnce.KeyBytes];
    private readonly byte[] _reportKey = new byte[SrtpOnce.KeyBytes];
    private readonly TaskCompletionSource<long> _firstPicture = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IDtlsEndpoint? _endpoint;
    private Answer? _answer;
    private byte[] _userName = [];
    private byte[] _password = [];
    private uint _checks;
    private uint _reports;
    private long _first = -1;
    private long _highest = -1;

    public uint Address => address;

    public bool IsConnected { get; private set; }

    /// <summary>Packets of video since the figures were cleared.</summary>
    public long Received { get; private set; }

    /// <summary>Those that never came, by the sequence numbers.</summary>
    public long Lost => _first < 0 ? 0 : _highest - _first + 1 - Received;

    /// <summary>Repeated, not authentic, or of another source.</summary>
    public long Wrong { get; private set; }

    public string Offer => ViewerOffer.Write(_ufrag, OwnPassword, dtls.Identity.Fingerprint);

    private string OwnPassword => string.Create(CultureInfo.InvariantCulture, $"password-of-viewer-{number:x6}");

    /// <summary>Takes the server's answer and begins to check.</summary>
    public void Begin(Answer answer)
    {
        _answer = answer;
        _userName = BindingCheck.UserName(answer.Ufrag, _ufrag);
        _password = Encoding.ASCII.GetBytes(answer.Password);
        Check();
    }

    /// <summary>One Binding request, as a page sends them for ever.</summary>
    public void Check()
    {
        if (_answer is not { } answer) return;
        var output = socket.Output;
        output.Commit(BindingCheck.Write(output.Reserve(), _userName, _password, (uint)number, ++_checks), address, answer.Server);
    }

    public void OnStun(ReadOnlySpan<byte> datagram, Instant now)
    {
        if (_answer is not { } answer || BindingCheck.ReadAnswer(datagram, _password, (uint)number) == 0 || _endpoint is not null || IsConnected) return;
        _endpoint = dtls.CreateEndpoint(DtlsRole.Client, answer.Fingerprint, now);
        Drain();
    }

    public void OnDtls(ReadOnlySpan<byte> datagram, Instant now)
    {
        if (_endpoint is null) return;
        _endpoint.HandleDatagram(datagram, now);
        Drain();
    }

    /// <summary>Repeats what was not answered, while the viewer connects.</summary>
    public void OnTimer(Instant now)
    {
        if (IsConnected) return;
        if (_endpoint is null) Check();
        else if (now >= _endpoint.NextDeadline)
        {
            _endpoint.HandleTimeout(now);
            Drain();
        }
    }

    /// <summary>When the last packet of the first picture came, in monotonic nanoseconds. Any thread may wait for it.</summary>
    public Task<long> FirstPicture => _firstPicture.Task;

    public void OnRtp(Span<byte> packet)
    {
        if (packet.Length < RtpHeaderBytes || BinaryPrimitives.ReadUInt32BigEndian(packet[8..]) != _answer!.Ssrc) return;
        ushort sequence = BinaryPrimitives.ReadUInt16BigEndian(packet[2..]);
        long index = _highest < 0 ? sequence : _highest + (short)(ushort)(sequence - (ushort)_highest);
        if (isCompared && SrtpOnce.OpenRtp(_rtpKey, packet, (uint)(index >> 16)) < 0)
        {
            Wrong++;
            return;
        }

        if (index <= _highest)
        {
            Wrong++;
            return;
        }

        if (_first < 0) _first = index;
        _highest = index;
        Received++;
        bool isLast = (packet[1] & 0x80) != 0;
        if (isLast && !_firstPicture.Task.IsCompleted) _firstPicture.SetResult(Clocks.MonotonicNs);
    }

    /// <summary>One receiver report on the camera's video, as a page sends it each second.</summary>
    public void Report()
    {
        if (!IsConnected) return;
        var output = socket.Output;
        var room = output.Reserve();
        var writer = new CompoundWriter(room);
        writer.AddReceiverReport(OwnSsrc + (uint)number,
            [new ReportBlock { Ssrc = _answer!.Ssrc, CumulativeLost = (int)Lost, HighestSequence = (uint)Math.Max(0, _highest) }]);
        output.Commit(SrtpOnce.SealRtcp(_reportKey, room, writer.Length, ++_reports), address, _answer.Server);
    }

    public void Clear()
    {
        (_first, Received, Wrong) = (_highest < 0 ? -1 : _highest + 1, 0, 0);
    }

    public void Close()
    {
        _endpoint?.Dispose();
        _endpoint = null;
    }

    private void Drain()
    {
        var output = socket.Output;
        while (_endpoint!.TryPollTransmit(output.Reserve(), out int bytes)) output.Commit(bytes, address, _answer!.Server);
        if (_endpoint.Keys is not { } keys) return;
        SrtpOnce.DeriveRtp(keys.Remote, _rtpKey);
        SrtpOnce.DeriveRtcp(keys.Local, _reportKey);
        IsConnected = true;
        Close();
    }
}
