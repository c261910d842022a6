using System.Globalization;
using Comms.Media.Numbers;

namespace Comms.Media.Wire.Rtsp;

/// <summary>Takes what a client session pulls.</summary>
public interface IRtspClientOwner
{
    /// <summary>The index of the section to pull, -1 for none of them: the session then ends with <see cref="RtspFailure.NoSection"/>.</summary>
    int ChooseSection(IReadOnlyList<RtspSdpMedia> media);

    /// <summary>One RTP packet of the chosen section. Valid during the call. The packet path.</summary>
    void HandleRtp(ReadOnlySpan<byte> packet, Instant now);
}

/// <summary>Why a client session ended.</summary>
public enum RtspFailure
{
    None,
    Left,
    TimedOut,
    ClosedByServer,
    Unauthorized,

    /// <summary>An error status other than 401 and 461; <see cref="RtspClientSession.FailureStatus"/> says which.</summary>
    Refused,

    /// <summary>The server offers no RTP over this connection (461).</summary>
    NoInterleaving,

    /// <summary><see cref="RtspClientSession.Redirection"/> says where to.</summary>
    Redirected,
    NoSection,

    /// <summary>What came is no RTSP, or exceeds a bound.</summary>
    Violation,
}

/// <summary>
/// The pulling side of one RTSP connection, sans-IO and owned by one loop: DESCRIBE, SETUP of one section interleaved, PLAY,
/// keep-alive, TEARDOWN. RFC 2326 §10. Contract: feed it what arrives, then drain <see cref="TryPollTransmit"/> and look at
/// <see cref="IsClosed"/>; it never answers garbage.
/// </summary>
public sealed class RtspClientSession
{
    /// <summary>Some cameras answer 401 to a client without a name.</summary>
    public const string Agent = "Comms";

    /// <summary>Until the stream plays. Later an answer that fails to come means nothing: what counts then are packets.</summary>
    private const int AnswerMs = 5_000;

    private const int DefaultTimeoutS = 60;
    private const int LongestKeepAliveMs = 30_000;
    private const int ShortestKeepAliveMs = 2_000;
    private const int MaxAuthentications = 3;

    private readonly RtspTarget _target;
    private readonly IRtspClientOwner _owner;
    private readonly RtspAuthenticator _authenticator;
    private readonly RtspStreamReader _reader = new();
    private readonly Queue<byte[]> _output = new();
    private RtspMessage? _pending;
    private Instant _answerBy = Instant.Never;
    private Instant _keepAliveAt = Instant.Never;
    private string _baseUri;
    private string _session = "";
    private string _keepAliveMethod = "GET_PARAMETER";
    private int _keepAliveMs = LongestKeepAliveMs;
    private int _channel = -1;
    private int _cSeq;
    private int _authentications;
    private bool _isReading;

    public RtspClientSession(RtspTarget target, IRtspClientOwner owner, string clientNonce, Instant now)
    {
        _target = target;
        _owner = owner;
        _baseUri = target.Uri;
        _authenticator = new RtspAuthenticator(target.Credentials, clientNonce);
        Ask("DESCRIBE", target.Uri, now, ("Accept", "application/sdp"));
    }

    /// <summary>PLAY was accepted.</summary>
    public bool IsPlaying { get; private set; }

    /// <summary>The connection is to be closed once the output is drained.</summary>
    public bool IsClosed => Failure != RtspFailure.None;

    public RtspFailure Failure { get; private set; }

    /// <summary>The status that ended the session; 0 when none did.</summary>
    public int FailureStatus { get; private set; }

    /// <summary>The Location of a redirection.</summary>
    public string Redirection { get; private set; } = "";

    /// <summary>Interleaved packets of channels that were never set up.</summary>
    public long StrayPackets { get; private set; }

    /// <summary>When <see cref="HandleTimeout"/> is to be called.</summary>
    public Instant NextDeadline => IsClosed ? Instant.Never : Instant.Min(_answerBy, _keepAliveAt);

    public void HandleReceived(ReadOnlySpan<byte> bytes, Instant now)
    {
        if (IsClosed)
        {
            return;
        }

        _isReading = true;
        var cursor = _reader.Open(bytes);
        RtspElement element;
        while (cursor.TryRead(out element) && !IsClosed)
        {
            if (element.Kind == RtspElementKind.Interleaved)
            {
                HandleInterleaved(element, now);
            }
            else if (element.Message is { } message)
            {
                HandleMessage(message, now);
            }
        }

        cursor.Close();
        _isReading = false;
        if (element.Kind == RtspElementKind.Violation)
        {
            End(RtspFailure.Violation);
        }
        else if (IsClosed)
        {
            _reader.Release();
        }
    }

    public void HandleTimeout(Instant now)
    {
        if (IsClosed)
        {
            return;
        }

        if (now >= _answerBy)
        {
            End(RtspFailure.TimedOut);
        }
        else if (now >= _keepAliveAt)
        {
            _keepAliveAt = now.AddMs(_keepAliveMs);
            Ask(_keepAliveMethod, _baseUri, now);
        }
    }

    /// <summary>The server closed the connection.</summary>
    public void HandleClosed() => End(RtspFailure.ClosedByServer);

    /// <summary>Ends the session; the server is told when it has one.</summary>
    public void Leave(Instant now)
    {
        if (!IsClosed && _session.Length > 0)
        {
            Ask("TEARDOWN", _baseUri, now);
        }

        End(RtspFailure.Left);
    }

    public bool TryPollTransmit(out byte[] bytes) => _output.TryDequeue(out bytes!);

    private void HandleInterleaved(in RtspElement element, Instant now)
    {
        if (element.Channel == _channel)
        {
            _owner.HandleRtp(element.Payload, now);
        }
        else if (element.Channel != _channel + 1)
        {
            StrayPackets++;
        }
    }

    private void HandleMessage(RtspMessage message, Instant now)
    {
        if (message.IsRequest)
        {
            Answer(message);
        }
        else if (_pending is { } request && (message.CSeq < 0 || message.CSeq == request.CSeq))
        {
            _pending = null;
            _answerBy = Instant.Never;
            HandleResponse(request, message, now);
        }
    }

    /// <summary>Servers ask too, between their data: for a sign of life, or to go elsewhere (RFC 2326 §10.10).</summary>
    private void Answer(RtspMessage request)
    {
        if (request.Method == "REDIRECT")
        {
            Redirection = request["Location"] ?? "";
            End(RtspFailure.Redirected);
            return;
        }

        var isKnown = request.Method is "OPTIONS" or "GET_PARAMETER" or "SET_PARAMETER" or "ANNOUNCE";
        var answer = isKnown ? RtspMessage.Response(200, "OK", request) : RtspMessage.Response(501, "Not Implemented", request);
        _output.Enqueue(answer.ToBytes());
    }

    private void HandleResponse(RtspMessage request, RtspMessage response, Instant now)
    {
        switch (response.Status)
        {
            case < 200:
                _pending = request;
                _answerBy = now.AddMs(AnswerMs);
                break;
            case < 300:
                _authenticator.HasSucceeded = true;
                _authentications = 0;
                HandleSuccess(request, response, now);
                break;
            case < 400 when response["Location"] is { } location:
                Redirection = location;
                End(RtspFailure.Redirected);
                break;
            case 401 when ++_authentications < MaxAuthentications && _authenticator.TryTake(response):
                Repeat(request, now);
                break;
            case 401:
                End(RtspFailure.Unauthorized, 401);
                break;
            case 461:
                End(RtspFailure.NoInterleaving, 461);
                break;
            case not 454 when request.Method == _keepAliveMethod && IsPlaying:
                // Any answer is a sign of life; a method that is not offered is exchanged for one that always is.
                _keepAliveMethod = "OPTIONS";
                break;
            default:
                End(RtspFailure.Refused, response.Status);
                break;
        }
    }

    private void HandleSuccess(RtspMessage request, RtspMessage response, Instant now)
    {
        switch (request.Method)
        {
            case "DESCRIBE":
                HandleDescription(response, now);
                break;
            case "SETUP":
                HandleSetUp(response, now);
                break;
            case "PLAY":
                IsPlaying = true;
                _keepAliveAt = now.AddMs(_keepAliveMs);
                break;
        }
    }

    private void HandleDescription(RtspMessage response, Instant now)
    {
        _baseUri = _target.Resolve(response["Content-Base"] ?? response["Content-Location"] ?? _target.Uri, "");
        var media = RtspSdp.Parse(response.Body);
        var section = _owner.ChooseSection(media);
        if (section < 0 || section >= media.Count)
        {
            End(RtspFailure.NoSection);
            return;
        }

        Ask("SETUP", _target.Resolve(_baseUri, media[section].Control), now, ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1"));
    }

    private void HandleSetUp(RtspMessage response, Instant now)
    {
        if (!RtspTransport.TryParse(response["Transport"], out var transport) || !transport.IsInterleaved)
        {
            End(RtspFailure.NoInterleaving);
            return;
        }

        _channel = Math.Max(0, transport.RtpChannel);
        ReadSession(response["Session"] ?? "");
        Ask("PLAY", _baseUri, now, ("Range", "npt=0.000-"));
    }

    /// <summary>Session: id;timeout=60. RFC 2326 §12.37.</summary>
    private void ReadSession(string header)
    {
        var parts = header.Split(';', StringSplitOptions.TrimEntries);
        _session = parts[0];
        var timeoutS = DefaultTimeoutS;
        foreach (var part in parts.Skip(1))
        {
            if (part.StartsWith("timeout=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(part.AsSpan(8), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is > 0 and < 86_400)
            {
                timeoutS = seconds;
            }
        }

        _keepAliveMs = Math.Clamp(timeoutS * 500, ShortestKeepAliveMs, LongestKeepAliveMs);
    }

    private void Repeat(RtspMessage request, Instant now)
    {
        var headers = request.Headers
            .Where(header => header.Key is not ("CSeq" or "Authorization" or "Session" or "User-Agent"))
            .Select(header => (header.Key, header.Value));
        Ask(request.Method, request.Uri, now, [.. headers]);
    }

    private void Ask(string method, string uri, Instant now, params (string Name, string Value)[] headers)
    {
        var request = RtspMessage.Request(method, uri, ++_cSeq).With("User-Agent", Agent);
        if (_authenticator.Authorize(method, uri) is { } authorization)
        {
            request.With("Authorization", authorization);
        }

        if (_session.Length > 0)
        {
            request.With("Session", _session);
        }

        foreach (var (name, value) in headers)
        {
            request.With(name, value);
        }

        _pending = request;
        _answerBy = IsPlaying ? Instant.Never : now.AddMs(AnswerMs);
        _output.Enqueue(request.ToBytes());
    }

    private void End(RtspFailure failure, int status = 0)
    {
        if (!IsClosed)
        {
            Failure = failure;
            FailureStatus = status;
            if (!_isReading)
            {
                _reader.Release();
            }
        }
    }
}
