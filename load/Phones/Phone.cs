using System.Text;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Numbers;
using Comms.Phones.Control;
using Comms.Phones.Io;
using Comms.Phones.Media;

namespace Comms.Phones;

/// <summary>
/// The control side of one phone and its way into the channel, in the order a page takes it: hub, Hello, OpenVoice, Join, checks,
/// DTLS. Owned by its loop; voice packets never come by here.
/// </summary>
internal sealed class Phone(PhoneLoop loop, int number, int row, PhoneAccount account) : IHubEvents
{
    private const int HelloCall = 1;
    private const int VoiceCall = 2;
    private const int JoinCall = 3;
    private const int FirstFreeCall = 4;
    private const long RepeatCheckNs = 250_000_000;
    private const int OfferBytesMax = 16 * 1024;

    private readonly string _ufrag = $"p{number:x5}";
    private IDtlsEndpoint? _dtls;
    private Endpoint _server;
    private byte[] _userName = [];
    private byte[] _password = [];
    private DtlsFingerprint _fingerprint = new("sha-256", []);
    private long _nextCheckNs = long.MaxValue;
    private int _nextCall = FirstFreeCall;
    private int _pressCall;
    private long _pressedNs;
    private TaskCompletionSource<PressReply>? _press;
    private bool _isJoined;

    public int Number { get; } = number;

    public int Row { get; } = row;

    public PhoneAccount Account { get; } = account;

    public ControlLink? Link { get; set; }

    public PhoneStage Stage { get; private set; }

    public string Fault { get; private set; } = "";

    public uint Address => loop.AddressOf(Number);

    public uint Ssrc => 0x1000_0000u + (uint)Number;

    public Endpoint Server => _server;

    /// <summary>The keys once the handshake is done.</summary>
    public DtlsSrtpKeys? Keys { get; private set; }

    public void Connect()
    {
        Stage = PhoneStage.Connecting;
        loop.OpenLink(this);
    }

    /// <summary>Asks for the voice session; after Hello.</summary>
    public void OpenVoice()
    {
        Stage = PhoneStage.OpeningVoice;
        string offer = Offer.Write(_ufrag, OwnPassword(), Ssrc, loop.Identity.Fingerprint);
        Span<byte> call = new byte[OfferBytesMax];
        Send(call[..HubCall.OpenVoice(call, VoiceCall, offer)]);
    }

    public Task<PressReply> PressAsync(string channel)
    {
        var press = new TaskCompletionSource<PressReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_press is not null) throw new InvalidOperationException($"Phone {Number} presses twice at once.");
        _press = press;
        _pressCall = _nextCall++;
        Span<byte> call = stackalloc byte[512];
        int length = HubCall.RequestFloor(call, _pressCall, channel);
        _pressedNs = Clocks.MonotonicNs;
        Send(call[..length]);
        return press.Task;
    }

    public void Release(string channel)
    {
        Span<byte> call = stackalloc byte[512];
        Send(call[..HubCall.ReleaseFloor(call, _nextCall++, channel)]);
    }

    public void Ping() => Send(HubCall.Ping);

    public void OnHubOpen()
    {
        Span<byte> call = stackalloc byte[256];
        Send(call[..HubCall.Hello(call, HelloCall)]);
    }

    public void OnReply(int id, bool isError, ReadOnlySpan<byte> result)
    {
        if (id == _pressCall && _press is { } press)
        {
            _press = null;
            press.TrySetResult(ReadPress(isError, result));
        }
        else if (isError)
        {
            Fail($"call {id} failed: {Encoding.UTF8.GetString(new MessagePackScan(result).Text())}");
        }
        else if (id == HelloCall && Stage == PhoneStage.Connecting)
        {
            Stage = PhoneStage.Greeted;
            loop.OnGreeted(this);
        }
        else if (id == VoiceCall) OnVoiceOpen(result);
        else if (id == JoinCall) OnJoined(result);
    }

    public void OnNews(ReadOnlySpan<byte> method, ReadOnlySpan<byte> arguments, long arrivalNs)
    {
        if (method.SequenceEqual("Floors"u8)) loop.OnFloors(this, arguments, arrivalNs);
        else if (method.SequenceEqual("VoiceEnded"u8)) Fail("the server ended the voice session");
        else if (method.SequenceEqual("Closing"u8)) Fail("the server closes the hub connection");
    }

    public void OnHubClosed(string reason) => Fail(reason);

    /// <summary>An answer to a check: the path works, so the handshake begins.</summary>
    public void OnStun(ReadOnlySpan<byte> datagram, Instant now)
    {
        uint number = BindingCheck.ReadAnswer(datagram, _password, (uint)Number);
        if (number == 0) return;
        loop.Listeners.Rows[Row].CheckAnswered = number;
        if (Stage != PhoneStage.Checking || _dtls is not null) return;
        _nextCheckNs = long.MaxValue;
        _dtls = loop.Dtls.CreateEndpoint(DtlsRole.Client, _fingerprint, now);
        Drain();
    }

    public void OnDtls(ReadOnlySpan<byte> datagram, Instant now)
    {
        if (_dtls is null) return;
        _dtls.HandleDatagram(datagram, now);
        Drain();
    }

    /// <summary>Repeats what was not answered in time, while the phone joins.</summary>
    public void OnTimer(Instant now)
    {
        if (now.Nanoseconds >= _nextCheckNs)
        {
            _nextCheckNs = now.Nanoseconds + RepeatCheckNs;
            Check();
        }

        if (_dtls is null || now < _dtls.NextDeadline) return;
        _dtls.HandleTimeout(now);
        Drain();
    }

    /// <summary>Sends one Binding request, as a page does for ever.</summary>
    public void Check()
    {
        ref Listener listener = ref loop.Listeners.Rows[Row];
        var output = loop.OutputOf(Row);
        int bytes = BindingCheck.Write(output.Reserve(), _userName, _password, (uint)Number, ++listener.CheckNumber);
        output.Commit(bytes, Address, _server);
    }

    public void Send(ReadOnlySpan<byte> call) => Link?.Send(call);

    public void Fail(string fault)
    {
        _press?.TrySetException(new IOException($"Phone {Number}: {fault}."));
        _press = null;
        if (Stage is PhoneStage.Failed or PhoneStage.Closed) return;
        Fault = fault;
        Stage = PhoneStage.Failed;
        loop.OnFailed(this);
    }

    public void Close()
    {
        Stage = PhoneStage.Closed;
        Link?.Close("closed");
        _dtls?.Dispose();
        _dtls = null;
    }

    private string OwnPassword() => $"password-of-phone-{Number:x6}";

    private void OnVoiceOpen(ReadOnlySpan<byte> result)
    {
        string sdp = "", refusal = "", detail = "";
        var scan = new MessagePackScan(result);
        for (int left = scan.Map(); left > 0; left--)
        {
            var key = scan.Text();
            if (key.SequenceEqual("sdp"u8)) sdp = Encoding.UTF8.GetString(scan.Text());
            else if (key.SequenceEqual("refusal"u8)) refusal = Encoding.UTF8.GetString(scan.Text());
            else if (key.SequenceEqual("detail"u8)) detail = Encoding.UTF8.GetString(scan.Text());
            else scan.Skip();
        }

        if (refusal.Length > 0 || Answer.Read(sdp, loop.IsWantedCandidate) is not { } answer)
        {
            Fail($"no voice session: {refusal} {detail}");
            return;
        }

        _server = answer.Server;
        _userName = BindingCheck.UserName(answer.Ufrag, _ufrag);
        _password = Encoding.ASCII.GetBytes(answer.Password);
        _fingerprint = answer.Fingerprint;
        loop.Listeners.Rows[Row].Ssrc = answer.Ssrc;
        loop.Learn(answer.Server);
        Stage = PhoneStage.Checking;
        _nextCheckNs = Clocks.MonotonicNs + RepeatCheckNs;
        Check();
        Span<byte> call = stackalloc byte[512];
        Send(call[..HubCall.Join(call, JoinCall, Account.ChannelId, 0)]);
    }

    private void OnJoined(ReadOnlySpan<byte> result)
    {
        var scan = new MessagePackScan(result);
        for (int left = scan.Map(); left > 0; left--)
        {
            if (!scan.Text().SequenceEqual("right"u8)) scan.Skip();
            else if (scan.Text().SequenceEqual("none"u8))
            {
                Fail("the channel refused the phone");
                return;
            }
        }

        _isJoined = true;
        Settle();
    }

    private void Drain()
    {
        var output = loop.OutputOf(Row);
        while (_dtls!.TryPollTransmit(output.Reserve(), out int bytes)) output.Commit(bytes, Address, _server);
        if (_dtls.State == DtlsState.Failed)
        {
            Fail($"DTLS: {_dtls.Failure}");
            return;
        }

        if (_dtls.Keys is not { } keys) return;
        Keys = keys;
        _dtls.Dispose();
        _dtls = null;
        loop.OnKeys(this, keys);
        Settle();
    }

    private void Settle()
    {
        if (!_isJoined || Keys is null || Stage != PhoneStage.Checking) return;
        Stage = PhoneStage.Joined;
        loop.OnJoined(this);
    }

    private PressReply ReadPress(bool isError, ReadOnlySpan<byte> result)
    {
        long now = Clocks.MonotonicNs;
        if (isError) return new PressReply(false, "error", 0, _pressedNs, now);
        bool isGranted = false;
        string cause = "";
        long burst = 0;
        var scan = new MessagePackScan(result);
        for (int left = scan.Map(); left > 0; left--)
        {
            var key = scan.Text();
            if (key.SequenceEqual("decision"u8)) isGranted = scan.Text().SequenceEqual("granted"u8);
            else if (key.SequenceEqual("cause"u8)) cause = Encoding.UTF8.GetString(scan.Text());
            else if (key.SequenceEqual("burstId"u8)) burst = scan.Number();
            else scan.Skip();
        }

        return new PressReply(isGranted, cause, burst, _pressedNs, now);
    }
}

/// <summary>How far a phone has come.</summary>
internal enum PhoneStage
{
    New,

    /// <summary>Towards the hub, up to its Hello.</summary>
    Connecting,

    /// <summary>The hub has said Hello.</summary>
    Greeted,

    /// <summary>The offer is out.</summary>
    OpeningVoice,

    /// <summary>Checks, handshake and the join are under way.</summary>
    Checking,

    /// <summary>In its channel, with keys.</summary>
    Joined,
    Failed,
    Closed,
}
