using System.Net;
using System.Net.Sockets;
using Comms.Media.Node;
using Comms.Media.Wire.Sdp;

namespace Comms.Signaling.Sip.OfferAnswer;

/// <summary>Why an SDP body gives no voice path.</summary>
public enum AudioRefusal
{
    None,

    /// <summary>Not SDP at all: 400.</summary>
    Malformed,

    /// <summary>No audio section over plain RTP that is open: 488.</summary>
    NoAudio,

    /// <summary>Neither PCMA nor PCMU under its static number: 488.</summary>
    NoCodec,

    /// <summary>The connection address is a name or missing: 488.</summary>
    NoAddress,
}

/// <summary>
/// The one G.711 voice path that a peer's offer or answer describes. RFC 3264. Directions are ours: what this server may
/// do towards the peer.
/// </summary>
public sealed record AudioDescription
{
    private const int DefaultPtimeMs = 20;

    /// <summary>The peer's description, whose every section an answer must answer.</summary>
    public required SdpSession Session { get; init; }

    /// <summary>Which section is the voice path.</summary>
    public required int Section { get; init; }

    /// <summary>The first codec in the peer's order that we have.</summary>
    public required RtpLegCodec Codec { get; init; }

    /// <summary>0 when not offered. RFC 4733.</summary>
    public required byte TelephoneEventPayloadType { get; init; }

    /// <summary>Port 0 when the peer holds by the address 0.0.0.0 (RFC 3264 §8.4).</summary>
    public required IPEndPoint Remote { get; init; }

    public IPEndPoint? RemoteRtcp { get; init; }

    public required bool MaySend { get; init; }

    public required bool MayReceive { get; init; }

    public required int PtimeMs { get; init; }

    /// <summary>Takes the first usable audio section; the codec order is the peer's.</summary>
    public static AudioRefusal TryRead(ReadOnlySpan<byte> sdp, out AudioDescription? description)
    {
        description = null;
        if (!SdpParser.TryParse(sdp, out var session, out _))
        {
            return AudioRefusal.Malformed;
        }

        var refusal = AudioRefusal.NoAudio;
        for (var section = 0; section < session.Media.Count; section++)
        {
            var media = session.Media[section];
            if (media.Kind != "audio" || media.IsRejected || media.Protocol != "RTP/AVP")
            {
                continue;
            }

            refusal = TryReadSection(session, section, out description);
            if (refusal == AudioRefusal.None)
            {
                return refusal;
            }
        }

        return refusal;
    }

    /// <summary>What the media node needs to carry this path.</summary>
    public RtpLegParameters ToLeg(IPAddress localAddress, string owner) => new()
    {
        Codec = Codec,
        Remote = Remote,
        RemoteRtcp = RemoteRtcp,
        TelephoneEventPayloadType = TelephoneEventPayloadType,
        MaySend = MaySend,
        MayReceive = MayReceive,
        PtimeMs = PtimeMs,
        LocalAddress = localAddress,
        Owner = owner,
    };

    private static AudioRefusal TryReadSection(SdpSession session, int section, out AudioDescription? description)
    {
        description = null;
        var media = session.Media[section];
        var maps = media.RtpMaps();
        var codec = maps.FirstOrDefault(map => IsG711(map));
        if (codec.Encoding is null)
        {
            return AudioRefusal.NoCodec;
        }

        if (session.ConnectionOf(media) is not { } connection || !IPAddress.TryParse(connection.Address, out var address))
        {
            return AudioRefusal.NoAddress;
        }

        var isHeld = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        var direction = session.DirectionOf(media);
        description = new AudioDescription
        {
            Session = session,
            Section = section,
            Codec = codec.PayloadType == 8 ? RtpLegCodec.Pcma : RtpLegCodec.Pcmu,
            TelephoneEventPayloadType = maps.FirstOrDefault(map => map.Is("telephone-event", 8000)).PayloadType,
            Remote = new IPEndPoint(address, isHeld ? 0 : media.Port),
            RemoteRtcp = isHeld ? null : ReadRtcp(media, address),
            MaySend = !isHeld && direction is SdpDirection.SendRecv or SdpDirection.RecvOnly,
            MayReceive = direction is SdpDirection.SendRecv or SdpDirection.SendOnly,
            PtimeMs = ReadPtime(media),
        };
        return AudioRefusal.None;
    }

    // The static numbers only: the leg tells codecs apart by them.
    private static bool IsG711(SdpRtpMap map) => map.Channels == 1
        && ((map.PayloadType == 0 && map.Is("PCMU", 8000)) || (map.PayloadType == 8 && map.Is("PCMA", 8000)));

    private static int ReadPtime(SdpMedia media)
    {
        var wanted = Math.Min(media.PtimeMs ?? DefaultPtimeMs, media.MaxPtimeMs ?? 60);
        return Math.Clamp(wanted / 10 * 10, 10, 60);
    }

    // RFC 3605: "a=rtcp:53020" or "a=rtcp:53020 IN IP4 126.16.64.4".
    private static IPEndPoint? ReadRtcp(SdpMedia media, IPAddress address)
    {
        var words = media.Value("rtcp")?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (words.Length == 0 || !ushort.TryParse(words[0], out var port) || port == 0)
        {
            return null;
        }

        var isOther = words.Length == 4 && IPAddress.TryParse(words[3], out var other) && other.AddressFamily == AddressFamily.InterNetwork;
        return new IPEndPoint(isOther ? IPAddress.Parse(words[3]) : address, port);
    }
}
