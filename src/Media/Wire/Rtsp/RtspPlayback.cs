using System.Globalization;
using Comms.Media.Numbers;

namespace Comms.Media.Wire.Rtsp;

/// <summary>Finds the stream that a player asks for by path.</summary>
public interface IRtspStreamDirectory
{
    /// <summary>The session description, or null when the path names nothing. The path begins with '/'.</summary>
    string? Describe(string path);
}

/// <summary>
/// The playing side of a server connection: DESCRIBE, SETUP with interleaved transport, PLAY, PAUSE, TEARDOWN, with
/// optional Basic or Digest authentication. RFC 2326 §10. The owner sends while <see cref="IsPlaying"/>.
/// </summary>
public sealed class RtspPlayback(IRtspStreamDirectory directory, string sessionId, RtspCredentials? credentials) : IRtspServerRole
{
    private const string Realm = "camera";

    public string Methods => "DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN";

    public bool IsPlaying { get; private set; }

    public bool IsEnded { get; private set; }

    /// <summary>The path that was set up; empty before SETUP.</summary>
    public string Path { get; private set; } = "";

    /// <summary>The interleaved channel of RTP; RTCP has <see cref="RtcpChannel"/>.</summary>
    public byte RtpChannel { get; private set; }

    public byte RtcpChannel { get; private set; }

    public RtspMessage? HandleRequest(RtspMessage request, Instant now)
    {
        if (credentials is not null && !RtspDigest.IsValid(request["Authorization"], credentials, Realm, sessionId, request.Method))
        {
            return RtspMessage.Response(401, "Unauthorized", request)
                .With("WWW-Authenticate", $"Digest realm=\"{Realm}\", nonce=\"{sessionId}\", algorithm=MD5")
                .With("WWW-Authenticate", $"Basic realm=\"{Realm}\"");
        }

        return request.Method switch
        {
            "DESCRIBE" => Describe(request),
            "SETUP" => SetUp(request),
            "PLAY" => Play(request),
            "PAUSE" => Pause(request),
            "TEARDOWN" => Pause(request),
            _ => null,
        };
    }

    public void HandleInterleaved(byte channel, ReadOnlySpan<byte> packet, Instant now)
    {
        // Receiver reports: this server has nothing to adapt.
    }

    public void HandleEnd(string reason, Instant now)
    {
        IsPlaying = false;
        IsEnded = true;
    }

    /// <summary>The path of a URI, without query and trailing slash.</summary>
    public static string PathOf(string uri)
    {
        var scheme = uri.IndexOf("://", StringComparison.Ordinal);
        var slash = uri.IndexOf('/', scheme < 0 ? 0 : scheme + 3);
        var path = slash < 0 ? "/" : uri[slash..];
        var query = path.IndexOf('?', StringComparison.Ordinal);
        path = query < 0 ? path : path[..query];
        return path.Length > 1 ? path.TrimEnd('/') : path;
    }

    private RtspMessage Describe(RtspMessage request)
    {
        if (directory.Describe(PathOf(request.Uri)) is not { } sdp)
        {
            return RtspMessage.Response(404, "Not Found", request);
        }

        return RtspMessage.Response(200, "OK", request)
            .With("Content-Base", request.Uri.TrimEnd('/') + "/")
            .WithBody("application/sdp", sdp);
    }

    private RtspMessage SetUp(RtspMessage request)
    {
        if (!RtspTransport.TryParse(request["Transport"], out var transport) || !transport.IsInterleaved)
        {
            return RtspMessage.Response(461, "Unsupported Transport", request);
        }

        var path = PathOf(request.Uri);
        var track = path.LastIndexOf('/');
        var stream = track > 0 && path.AsSpan(track).StartsWith("/track", StringComparison.Ordinal) ? path[..track] : path;
        if (directory.Describe(stream) is null)
        {
            return RtspMessage.Response(404, "Not Found", request);
        }

        Path = stream;
        RtpChannel = (byte)Math.Max(0, transport.RtpChannel);
        RtcpChannel = (byte)(transport.RtpChannel < 0 ? 1 : transport.RtcpChannel);
        var answer = transport with { RtpChannel = RtpChannel, RtcpChannel = RtcpChannel, IsRecord = false };
        return WithSession(RtspMessage.Response(200, "OK", request)).With("Transport", answer.ToString());
    }

    private RtspMessage Play(RtspMessage request)
    {
        if (Path.Length == 0)
        {
            return RtspMessage.Response(455, "Method Not Valid in This State", request);
        }

        IsPlaying = true;
        return WithSession(RtspMessage.Response(200, "OK", request)).With("Range", "npt=0.000-");
    }

    private RtspMessage Pause(RtspMessage request)
    {
        IsPlaying = false;
        return WithSession(RtspMessage.Response(200, "OK", request));
    }

    private RtspMessage WithSession(RtspMessage response) => response.With(
        "Session",
        string.Create(CultureInfo.InvariantCulture, $"{sessionId};timeout={RtspServerSession.SessionTimeoutS}"));
}
