using System.Security.Cryptography;
using Comms.Media.Numbers;
using Comms.Media.Wire.Rtsp;

namespace Comms.Media.Node.Streams;

/// <summary>What a stream connection does for its role.</summary>
internal interface IStreamHost
{
    /// <summary>The description of a stream that is ready; null while it is awaited.</summary>
    string? Description { get; }

    /// <summary>A player was let in: its camera is wanted. False: there is no room for it.</summary>
    bool TryBeginPlay(StreamPath path, string token, Instant now);

    /// <summary>The publisher that was let in, as the ingest's target.</summary>
    IRtspIngestTarget? TargetOf(string cameraId);
}

/// <summary>
/// The server's role towards a stranger, sans-IO: nobody gets further than OPTIONS without a token, in the query, as Basic or by
/// Digest; then the connection plays, or publishes, one camera. RFC 2326 §10, RFC 2617.
/// </summary>
internal sealed class StreamRole : IRtspServerRole, IRtspStreamDirectory, IRtspIngestDirectory
{
    private const string Realm = "comms";

    private readonly IStreamHost _host;
    private readonly IStreamGuard _guard;
    private readonly string _nonce = RandomNumberGenerator.GetHexString(32, lowercase: true);
    private readonly RtspIngest _ingest;
    private StreamPath? _path;
    private RtspMessage? _describe;

    public StreamRole(IStreamHost host, IStreamGuard guard)
    {
        _host = host;
        _guard = guard;
        string sessionId = RandomNumberGenerator.GetHexString(16, lowercase: true);
        Playback = new RtspPlayback(this, sessionId, credentials: null);
        _ingest = new RtspIngest(this, sessionId, StreamPath.PublishPrefix);
    }

    public string Methods => "DESCRIBE, ANNOUNCE, SETUP, PLAY, PAUSE, RECORD, TEARDOWN";

    public RtspPlayback Playback { get; }

    /// <summary>What the connection was let in for; null before.</summary>
    public StreamPath? Admitted => _path;

    /// <summary>The token it was let in with.</summary>
    public string Token { get; private set; } = "";

    /// <summary>It publishes, or has begun to play.</summary>
    public bool IsBusy => Playback.IsPlaying || _ingest.IsAnnounced;

    public RtspMessage? HandleRequest(RtspMessage request, Instant now)
    {
        if (StreamPath.Parse(request.Uri) is not { } path) return RtspMessage.Response(404, "Not Found", request);
        if (_path is null)
        {
            if (TokenOf(request, path) is not { } token) return Challenge(request);
            if (path.Use == StreamUse.View && !_host.TryBeginPlay(path, token, now)) return RtspMessage.Response(503, "Service Unavailable", request);
            (_path, Token) = (path, token);
        }
        else if (path.Use != _path.Use || path.CameraId != _path.CameraId)
        {
            return RtspMessage.Response(403, "Forbidden", request);
        }

        if (_path.Use == StreamUse.Publish) return _ingest.HandleRequest(request, now);
        if (_host.Description is null && request.Method is "DESCRIBE" or "SETUP")
        {
            _describe = request;
            return RtspServerSession.Later;
        }

        return Playback.HandleRequest(request, now);
    }

    /// <summary>The answer to a request that waited for the description; null when none waits.</summary>
    public RtspMessage? AnswerWaiting(Instant now)
    {
        var request = _describe;
        _describe = null;
        return request is null ? null : Playback.HandleRequest(request, now);
    }

    /// <summary>The answer to a request that waits in vain; null when none waits.</summary>
    public RtspMessage? RefuseWaiting()
    {
        var request = _describe;
        _describe = null;
        return request is null ? null : RtspMessage.Response(503, "Service Unavailable", request).With("Retry-After", "3");
    }

    public void HandleInterleaved(byte channel, ReadOnlySpan<byte> packet, Instant now)
    {
        if (_path?.Use == StreamUse.Publish) _ingest.HandleInterleaved(channel, packet, now);
    }

    public void HandleEnd(string reason, Instant now)
    {
        Playback.HandleEnd(reason, now);
        _ingest.HandleEnd(reason, now);
    }

    public string? Describe(string path) => _host.Description;

    public IRtspIngestTarget? Find(ReadOnlySpan<char> token) => _path is { } path && token.SequenceEqual(path.CameraId) ? _host.TargetOf(path.CameraId) : null;

    private string? TokenOf(RtspMessage request, StreamPath path)
    {
        if (path.Token.Length > 0) return _guard.IsAllowed(path.Token, path.Use, path.CameraId) ? path.Token : null;
        if (request["Authorization"] is not { } header || RtspDigest.UserNameOf(header) is not { } userName) return null;
        foreach (var candidate in _guard.PasswordsOf(userName))
        {
            if (RtspDigest.IsValid(header, new RtspCredentials(userName, candidate.Password), Realm, _nonce, request.Method)
                && _guard.IsAllowed(candidate.Token, path.Use, path.CameraId))
                return candidate.Token;
        }

        return null;
    }

    private RtspMessage Challenge(RtspMessage request) => RtspMessage.Response(401, "Unauthorized", request)
        .With("WWW-Authenticate", $"Digest realm=\"{Realm}\", nonce=\"{_nonce}\", algorithm=MD5")
        .With("WWW-Authenticate", $"Basic realm=\"{Realm}\"");
}
