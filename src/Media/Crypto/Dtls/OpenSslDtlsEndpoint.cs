using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Comms.Media.Crypto.OpenSsl;
using Comms.Media.Numbers;

namespace Comms.Media.Crypto.Dtls;

/// <summary>
/// One association over OpenSSL. The SSL object lives during the handshake only; afterwards the keys and the last flight remain,
/// which is sent again when the peer repeats its Finished (RFC 6347 §4.2.4).
/// </summary>
internal sealed unsafe class OpenSslDtlsEndpoint : IDtlsEndpoint, IDatagramEnds
{
    private const byte HandshakeContent = 22;
    private const int RecordHeaderBytes = 13;
    private readonly DtlsRole _role;
    private readonly DtlsFingerprint _expected;
    private readonly Queue<byte[]> _outgoing = new();
    private byte[][] _lastFlight = [];
    private Instant _lastFlightSent;
    private GCHandle _self;
    private nint _ssl;
    private byte* _incoming;
    private int _incomingBytes = -1;
    private Instant _giveUpAt = Instant.Never;
    private bool _isFingerprintWrong;

    public OpenSslDtlsEndpoint(nint context, DtlsRole role, DtlsFingerprint expected, IReadOnlyList<SrtpProfile> profiles, Instant now)
    {
        _role = role;
        _expected = expected;
        _self = GCHandle.Alloc(this);
        _ssl = LibSsl.SSL_new(context);
        nint bio = DatagramBio.Create(_self);
        LibSsl.SSL_set_bio(_ssl, bio, bio);
        _ = LibSsl.SSL_set_ex_data(_ssl, 0, GCHandle.ToIntPtr(_self));
        _ = LibSsl.SSL_ctrl(_ssl, LibSsl.ControlSetLinkMtu, DtlsLimits.MtuBytes, null);
        LibSsl.DTLS_set_timer_cb(_ssl, &NextTimeout);
        if (LibSsl.SSL_set_tlsext_use_srtp(_ssl, string.Join(':', profiles.Select(OpenSslName))) != 0)
            throw new PlatformNotSupportedException("OpenSSL refused the SRTP profiles.");
        if (role == DtlsRole.Server)
        {
            LibSsl.SSL_set_accept_state(_ssl);
            return;
        }

        LibSsl.SSL_set_connect_state(_ssl);
        Advance(now);
    }

    public DtlsState State { get; private set; }

    public DtlsFailure Failure { get; private set; }

    public DtlsSrtpKeys? Keys { get; private set; }

    public Instant NextDeadline { get; private set; } = Instant.Never;

    public void HandleDatagram(ReadOnlySpan<byte> datagram, Instant now)
    {
        if (State == DtlsState.Connected) RepeatLastFlight(datagram, now);
        if (_ssl == 0 || datagram.IsEmpty) return;
        fixed (byte* bytes = datagram)
        {
            _incoming = bytes;
            _incomingBytes = datagram.Length;
            Advance(now);
            _incoming = null;
            _incomingBytes = -1;
        }
    }

    public void HandleTimeout(Instant now)
    {
        if (_ssl == 0) return;
        if (now >= _giveUpAt)
        {
            Fail(DtlsFailure.TimedOut);
            return;
        }

        LibSsl.ERR_clear_error();
        if (LibSsl.SSL_ctrl(_ssl, LibSsl.ControlHandleTimeout, 0, null) < 0) Fail(DtlsFailure.TimedOut);
        else UpdateDeadline(now);
    }

    public bool TryPollTransmit(Span<byte> datagram, out int length)
    {
        length = 0;
        if (!_outgoing.TryDequeue(out byte[]? next)) return false;
        next.CopyTo(datagram);
        length = next.Length;
        return true;
    }

    public void Dispose()
    {
        Free();
        _outgoing.Clear();
    }

    int IDatagramEnds.TakeIncoming(Span<byte> buffer)
    {
        if (_incomingBytes < 0) return -1;
        int taken = Math.Min(_incomingBytes, buffer.Length);
        new ReadOnlySpan<byte>(_incoming, taken).CopyTo(buffer);
        _incomingBytes = -1;
        return taken;
    }

    void IDatagramEnds.AddOutgoing(ReadOnlySpan<byte> datagram) => _outgoing.Enqueue(datagram.ToArray());

    /// <summary>Called by OpenSSL with the peer's certificate, before the handshake can succeed.</summary>
    internal bool VerifyPeer(nint certificate)
    {
        byte* der = null;
        int length = certificate == 0 ? -1 : LibSsl.i2d_X509(certificate, null);
        if (length <= 0) return false;
        byte[] bytes = new byte[length];
        fixed (byte* start = bytes)
        {
            der = start;
            _ = LibSsl.i2d_X509(certificate, &der);
        }

        _isFingerprintWrong = !_expected.Matches(bytes);
        return !_isFingerprintWrong;
    }

    private void Advance(Instant now)
    {
        if (_giveUpAt == Instant.Never) _giveUpAt = now.AddMs(DtlsLimits.HandshakeMs);
        int pendingBefore = _outgoing.Count;
        LibSsl.ERR_clear_error();
        int result = LibSsl.SSL_do_handshake(_ssl);
        if (result == 1)
        {
            _lastFlight = [.. _outgoing.Skip(pendingBefore)];
            _lastFlightSent = now;
            Complete();
            return;
        }

        int error = LibSsl.SSL_get_error(_ssl, result);
        if (error == LibSsl.ErrorWantRead) UpdateDeadline(now);
        else if (_isFingerprintWrong) Fail(DtlsFailure.WrongFingerprint);
        else Fail(error == LibSsl.ErrorZeroReturn ? DtlsFailure.ClosedByPeer : DtlsFailure.Protocol);
    }

    private void Complete()
    {
        var selected = LibSsl.SSL_get_selected_srtp_profile(_ssl);
        if (selected == null)
        {
            Fail(DtlsFailure.NoSrtpProfile);
            return;
        }

        var profile = (SrtpProfile)selected->Id;
        Span<byte> exported = stackalloc byte[DtlsSrtpKeys.ExportedBytes(profile)];
        fixed (byte* output = exported)
        {
            const string Label = DtlsSrtpKeys.ExporterLabel;
            int ok = LibSsl.SSL_export_keying_material(_ssl, output, (nuint)exported.Length, Label, (nuint)Label.Length, null, 0, 0);
            if (ok != 1)
            {
                Fail(DtlsFailure.Protocol);
                return;
            }
        }

        Keys = DtlsSrtpKeys.Split(profile, _role, exported);
        exported.Clear();
        State = DtlsState.Connected;
        Free();
    }

    private void RepeatLastFlight(ReadOnlySpan<byte> datagram, Instant now)
    {
        bool isEncryptedHandshake = datagram.Length > RecordHeaderBytes && ContainsEncryptedHandshake(datagram);
        if (!isEncryptedHandshake || now < _lastFlightSent.AddMs(DtlsLimits.RepeatSpacingMs)) return;
        _lastFlightSent = now;
        foreach (byte[] repeated in _lastFlight) _outgoing.Enqueue(repeated);
    }

    // A repeated client flight begins with its certificate in epoch 0; only its Finished is a handshake record of epoch 1.
    private static bool ContainsEncryptedHandshake(ReadOnlySpan<byte> datagram)
    {
        while (datagram.Length > RecordHeaderBytes)
        {
            if (datagram[0] == HandshakeContent && (datagram[3] | datagram[4]) != 0) return true;
            int record = RecordHeaderBytes + (datagram[11] << 8 | datagram[12]);
            if (record > datagram.Length) return false;
            datagram = datagram[record..];
        }

        return false;
    }

    private void UpdateDeadline(Instant now)
    {
        LibSsl.TimeValue left;
        bool isRunning = LibSsl.SSL_ctrl(_ssl, LibSsl.ControlGetTimeout, 0, &left) == 1;
        NextDeadline = isRunning ? Instant.Min(now.AddUs(left.Seconds * 1_000_000 + left.Microseconds), _giveUpAt) : _giveUpAt;
    }

    private void Fail(DtlsFailure failure)
    {
        State = DtlsState.Failed;
        Failure = failure;
        Free();
    }

    private void Free()
    {
        NextDeadline = Instant.Never;
        if (_ssl == 0) return;
        LibSsl.SSL_free(_ssl);
        _ssl = 0;
        _self.Free();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint NextTimeout(nint ssl, uint previousUs) =>
        previousUs == 0 ? DtlsLimits.FirstTimeoutMs * 1000 : Math.Min(previousUs * 2, DtlsLimits.LongestTimeoutMs * 1000);

    private static string OpenSslName(SrtpProfile profile) =>
        profile == SrtpProfile.AeadAes128Gcm ? "SRTP_AEAD_AES_128_GCM" : "SRTP_AES128_CM_SHA1_80";
}
