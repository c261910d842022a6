using System.Globalization;
using Comms.Media.Numbers;

namespace Comms.Media.Wire.Rtsp;

/// <summary>Takes what a client session pulls. Track 0 is the video, track 1 the sound.</summary>
public interface IRtspClientOwner
{
    /// <summary>The sections to pull; without video the session ends with <see cref="RtspFailure.NoSection"/>.</summary>
    RtspSections ChooseSections(IReadOnlyList<RtspSdpMedia> media);

    /// <summary>One RTP packet of a track that came over the connection. Valid during the call. The packet path.</summary>
    void HandleRtp(int track, ReadOnlySpan<byte> packet, Instant now);

    /// <summary>One compound RTCP packet of a track that came over the connection.</summary>
    void HandleRtcp(int track, ReadOnlySpan<byte> packet, Instant now);

    /// <summary>The server does not send over the connection: opens a pair of UDP ports and returns that of RTP; 0 when there is none.</summary>
    int OpenPorts(int track);

    /// <summary>Where the server sends a track's datagrams from.</summary>
    void HandleServerPorts(int track, in RtspTransport transport);
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

    /// <summary>The server offers RTP neither over this connection nor by UDP (461).</summary>
    NoTransport,

    /// <summary><see cref="RtspClientSession.Redirection"/> says where to.</summary>
    Redirected,
    NoSection,

    /// <summary>What came is no RTSP, or exceeds a bound.</summary>
    Violation,
}

/// <summary>
/// The pulling side of one RTSP connection, sans-IO and owned by one loop: DESCRIBE, SETUP of the video and the sound, interleaved
/// and where that is refused by UDP, PLAY, keep-alive, TEARDOWN. RFC 2326 §10. Contract: feed it what arrives, then drain <see cref="TryPollTransmit"/> and look at
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
    private RtspTrack[] _tracks = [];
    private string _baseUri;
    private string _session = "";
    private string _keepAliveMethod = "OPTIONS";
    private int _keepAliveMs = LongestKeepAliveMs;
    private int _settingUp;
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

    /// <summary>RTP and RTCP come by UDP: interleaving was refused.</summary>
    public bool UsesDatagrams { get; private set; }

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

    /// <summary>The interleaved channel for a track's receiver reports; -1 when it has none.</summary>
    public int ReportChannel(int track) => track < _tracks.Length ? _tracks[track].RtcpChannel : -1;

    private void HandleInterleaved(in RtspElement element, Instant now)
    {
        for (var i = 0; i < _tracks.Length; i++)
        {
            if (element.Channel == _tracks[i].RtpChannel)
            {
                _owner.HandleRtp(i, element.Payload, now);
                return;
            }

            if (element.Channel == _tracks[i].RtcpChannel)
            {
                _owner.HandleRtcp(i, element.Payload, now);
                return;
            }
        }

        StrayPackets++;
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
            case var status when request.Method == "SETUP":
                HandleSetUpRefused(status, now);
                break;
            case 400 or 404 or 451 when request.Method == "PLAY" && _baseUri != _target.Uri:
                _baseUri = _target.Uri;
                SetUp(now);
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
            case "OPTIONS":
                HandleOptions(response);
                break;
        }
    }

    private void HandleDescription(RtspMessage response, Instant now)
    {
        _baseUri = _target.Resolve(response["Content-Base"] ?? response["Content-Location"] ?? _target.Uri, "");
        var media = RtspSdp.Parse(response.Body);
        var sections = _owner.ChooseSections(media);
        if (sections.Video < 0 || sections.Video >= media.Count)
        {
            End(RtspFailure.NoSection);
            return;
        }

        int[] wanted = sections.Audio < 0 || sections.Audio >= media.Count ? [sections.Video] : [sections.Video, sections.Audio];
        _tracks = [.. wanted.Select(section => new RtspTrack(_target.ResolveAll(_baseUri, media[section].Control)))];
        SetUp(now);
    }

    /// <summary>Asks for the next track, or plays when there is none left.</summary>
    private void SetUp(Instant now)
    {
        if (_settingUp == _tracks.Length)
        {
            Ask("PLAY", _baseUri, now, ("Range", "npt=0.000-"));
            return;
        }

        var rtp = 2 * _settingUp;
        var transport = "RTP/AVP/TCP;unicast;interleaved";
        if (UsesDatagrams)
        {
            rtp = _owner.OpenPorts(_settingUp);
            transport = "RTP/AVP;unicast;client_port";
            if (rtp == 0)
            {
                End(RtspFailure.NoTransport, 461);
                return;
            }
        }

        Ask("SETUP", _tracks[_settingUp].Uri, now, ("Transport", string.Create(CultureInfo.InvariantCulture, $"{transport}={rtp}-{rtp + 1}")));
    }

    private void HandleSetUp(RtspMessage response, Instant now)
    {
        ReadSession(response["Session"] ?? _session);
        var isUnderstood = RtspTransport.TryParse(response["Transport"], out var transport);
        if (!isUnderstood || transport.IsInterleaved == UsesDatagrams)
        {
            HandleSetUpRefused(461, now);
            return;
        }

        var track = _tracks[_settingUp];
        if (UsesDatagrams)
        {
            _owner.HandleServerPorts(_settingUp, transport);
        }
        else
        {
            track.RtpChannel = transport.RtpChannel < 0 ? 2 * _settingUp : transport.RtpChannel;
            track.RtcpChannel = transport.RtpChannel < 0 ? track.RtpChannel + 1 : transport.RtcpChannel;
        }

        _settingUp++;
        SetUp(now);
    }

    /// <summary>The next URI, then the next transport; the picture goes without the sound, but not the other way round.</summary>
    private void HandleSetUpRefused(int status, Instant now)
    {
        if (status is 400 or 404 or 451 or 459 or 460 && _tracks[_settingUp].TryNextUri())
        {
            SetUp(now);
        }
        else if (_settingUp > 0)
        {
            _tracks = _tracks[.._settingUp];
            SetUp(now);
        }
        else if (status == 461 && !UsesDatagrams)
        {
            UsesDatagrams = true;
            SetUp(now);
        }
        else
        {
            End(status == 461 ? RtspFailure.NoTransport : RtspFailure.Refused, status);
        }
    }

    /// <summary>A session is kept alive by GET_PARAMETER where the server says that it knows it: some hang up on what they do not.</summary>
    private void HandleOptions(RtspMessage response)
    {
        if ((response["Public"] ?? "").Contains("GET_PARAMETER", StringComparison.OrdinalIgnoreCase))
        {
            _keepAliveMethod = "GET_PARAMETER";
        }
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
