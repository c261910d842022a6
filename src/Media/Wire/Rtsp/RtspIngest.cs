using System.Globalization;
using Comms.Media.Numbers;

namespace Comms.Media.Wire.Rtsp;

/// <summary>Finds who waits for a stream that a publisher announces.</summary>
public interface IRtspIngestDirectory
{
    /// <summary>Null when no feed waits under that token.</summary>
    IRtspIngestTarget? Find(ReadOnlySpan<char> token);
}

/// <summary>Takes in one published stream.</summary>
public interface IRtspIngestTarget
{
    /// <summary>A publisher describes its stream. False: it cannot be taken as it is; the publisher gets 415.</summary>
    bool TryAnnounce(RtspIngest publisher, IReadOnlyList<RtspSdpMedia> media, Instant now);

    /// <summary>One RTP packet of the section with that index. Valid during the call.</summary>
    void HandleRtp(RtspIngest publisher, int section, ReadOnlySpan<byte> packet, Instant now);

    /// <summary>The publisher is gone.</summary>
    void HandlePublisherGone(RtspIngest publisher, string reason, Instant now);
}

/// <summary>
/// The recording side of a server connection: ANNOUNCE, SETUP with interleaved transport, RECORD, RFC 2326 §10.3, §10.4,
/// §10.11. The path is <c>/ingest/token</c> (or another prefix); nothing but that token lets a publisher in.
/// </summary>
public sealed class RtspIngest(IRtspIngestDirectory directory, string sessionId, string pathPrefix = RtspIngest.PathPrefix) : IRtspServerRole
{
    private const string PathPrefix = "/ingest/";
    private const sbyte NoSection = -1;

    private readonly sbyte[] _sectionOfChannel = NewChannelMap();
    private IRtspIngestTarget? _target;
    private IReadOnlyList<RtspSdpMedia> _media = [];
    private bool _isRecording;

    public string Methods => "ANNOUNCE, SETUP, RECORD, TEARDOWN";

    /// <summary>A known token was announced.</summary>
    public bool IsAnnounced => _target is not null;

    /// <summary>Interleaved packets on channels that were never set up, or before RECORD.</summary>
    public long StrayPackets { get; private set; }

    public RtspMessage? HandleRequest(RtspMessage request, Instant now) => request.Method switch
    {
        "ANNOUNCE" => Announce(request, now),
        "SETUP" => SetUp(request),
        "RECORD" => Record(request),
        "TEARDOWN" => Ok(request),
        _ => null,
    };

    public void HandleInterleaved(byte channel, ReadOnlySpan<byte> packet, Instant now)
    {
        var section = _sectionOfChannel[channel];
        if (section == NoSection || !_isRecording)
        {
            StrayPackets += channel % 2 == 0 ? 1 : 0;
            return;
        }

        _target?.HandleRtp(this, section, packet, now);
    }

    public void HandleEnd(string reason, Instant now)
    {
        var target = _target;
        _target = null;
        target?.HandlePublisherGone(this, reason, now);
    }

    /// <summary>The token of an ingest URI; empty when the path is another.</summary>
    public static ReadOnlySpan<char> TokenOf(ReadOnlySpan<char> uri, string pathPrefix = PathPrefix)
    {
        var scheme = uri.IndexOf("://", StringComparison.Ordinal);
        var rest = scheme < 0 ? uri : uri[(scheme + 3)..];
        var slash = rest.IndexOf('/');
        var path = slash < 0 ? default : rest[slash..];
        if (!path.StartsWith(pathPrefix, StringComparison.Ordinal))
        {
            return default;
        }

        path = path[pathPrefix.Length..];
        var end = path.IndexOfAny('/', '?');
        return end < 0 ? path : path[..end];
    }

    private RtspMessage Announce(RtspMessage request, Instant now)
    {
        if (_target is not null)
        {
            return RtspMessage.Response(455, "Method Not Valid in This State", request);
        }

        var token = TokenOf(request.Uri, pathPrefix);
        if (token.IsEmpty || directory.Find(token) is not { } target)
        {
            return RtspMessage.Response(404, "Not Found", request);
        }

        var media = RtspSdp.Parse(request.Body);
        if (!target.TryAnnounce(this, media, now))
        {
            return RtspMessage.Response(415, "Unsupported Media Type", request);
        }

        _target = target;
        _media = media;
        return RtspMessage.Response(200, "OK", request);
    }

    private RtspMessage SetUp(RtspMessage request)
    {
        if (_target is null)
        {
            return RtspMessage.Response(455, "Method Not Valid in This State", request);
        }

        if (!RtspTransport.TryParse(request["Transport"], out var transport) || !transport.IsInterleaved)
        {
            return RtspMessage.Response(461, "Unsupported Transport", request);
        }

        var section = SectionOf(request.Uri);
        var rtp = transport.RtpChannel < 0 ? 2 * section : transport.RtpChannel;
        if (section < 0 || rtp > 254)
        {
            return RtspMessage.Response(404, "Not Found", request);
        }

        _sectionOfChannel[rtp] = (sbyte)section;
        var answer = transport with { RtpChannel = rtp, RtcpChannel = transport.RtpChannel < 0 ? rtp + 1 : transport.RtcpChannel, IsRecord = true };
        return WithSession(RtspMessage.Response(200, "OK", request)).With("Transport", answer.ToString());
    }

    private RtspMessage Record(RtspMessage request)
    {
        if (_target is null)
        {
            return RtspMessage.Response(455, "Method Not Valid in This State", request);
        }

        _isRecording = true;
        return WithSession(RtspMessage.Response(200, "OK", request));
    }

    private RtspMessage Ok(RtspMessage request) => WithSession(RtspMessage.Response(200, "OK", request));

    private RtspMessage WithSession(RtspMessage response) => response.With(
        "Session",
        string.Create(CultureInfo.InvariantCulture, $"{sessionId};timeout={RtspServerSession.SessionTimeoutS}"));

    /// <summary>The section whose control attribute ends the URI; the only one when nothing matches; -1 when unknown.</summary>
    private int SectionOf(string uri)
    {
        for (var i = 0; i < _media.Count; i++)
        {
            var control = _media[i].Control;
            if (control.Length > 0 && uri.EndsWith(control, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return _media.Count == 1 ? 0 : -1;
    }

    private static sbyte[] NewChannelMap()
    {
        var map = new sbyte[256];
        Array.Fill(map, NoSection);
        return map;
    }
}
