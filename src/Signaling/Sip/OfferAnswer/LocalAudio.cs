using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Comms.Media.Node;
using Comms.Media.Wire.Sdp;

namespace Comms.Signaling.Sip.OfferAnswer;

/// <summary>
/// Our side of one call's voice path over its life: writes answers and offers whose origin keeps its session id and counts
/// its version up, as RFC 3264 §8 asks.
/// </summary>
public sealed class LocalAudio(RtpLegTransport leg, long sessionId)
{
    /// <summary>Ours in an offer; an answer takes over the peer's number.</summary>
    private const byte TelephoneEventPayloadType = 101;

    private long _version;

    /// <summary>Answers every section: the voice path with its codec, every other one refused with port 0.</summary>
    public byte[] Answer(AudioDescription peer)
    {
        var sections = new List<SdpMedia>(peer.Session.Media.Count);
        for (var i = 0; i < peer.Session.Media.Count; i++)
        {
            var offered = peer.Session.Media[i];
            sections.Add(i == peer.Section ? VoiceAnswer(peer) : new SdpMedia
            {
                Kind = offered.Kind, Port = 0, Protocol = offered.Protocol, Formats = offered.Formats,
            });
        }

        return Write(sections);
    }

    /// <summary>Offers both codecs, for an INVITE that leaves the offer to us.</summary>
    public byte[] Offer() => Write([Voice(["8", "0"], TelephoneEventPayloadType, SdpDirection.SendRecv)]);

    private SdpMedia VoiceAnswer(AudioDescription peer)
    {
        var direction = (peer.MaySend, peer.MayReceive) switch
        {
            (true, true) => SdpDirection.SendRecv,
            (true, false) => SdpDirection.SendOnly,
            (false, true) => SdpDirection.RecvOnly,
            _ => SdpDirection.Inactive,
        };
        return Voice([peer.Codec == RtpLegCodec.Pcma ? "8" : "0"], peer.TelephoneEventPayloadType, direction);
    }

    private SdpMedia Voice(List<string> formats, byte telephoneEvent, SdpDirection direction)
    {
        var attributes = formats.Select(format => new SdpAttribute("rtpmap", format == "8" ? "8 PCMA/8000" : "0 PCMU/8000")).ToList();
        if (telephoneEvent != 0)
        {
            var number = telephoneEvent.ToString(CultureInfo.InvariantCulture);
            formats.Add(number);
            attributes.Add(new SdpAttribute("rtpmap", $"{number} telephone-event/8000"));
            attributes.Add(new SdpAttribute("fmtp", $"{number} 0-15"));
        }

        attributes.Add(new SdpAttribute("ptime", "20"));
        if (leg.Rtcp.Port != leg.Rtp.Port + 1)
        {
            attributes.Add(new SdpAttribute("rtcp", leg.Rtcp.Port.ToString(CultureInfo.InvariantCulture)));
        }

        attributes.Add(new SdpAttribute(Name(direction)));
        return new SdpMedia { Kind = "audio", Port = leg.Rtp.Port, Protocol = "RTP/AVP", Formats = formats, Attributes = attributes };
    }

    private byte[] Write(List<SdpMedia> sections)
    {
        var address = leg.Rtp.Address.IsIPv4MappedToIPv6 ? leg.Rtp.Address.MapToIPv4() : leg.Rtp.Address;
        var isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        var origin = new SdpOrigin("-", sessionId.ToString(CultureInfo.InvariantCulture),
            (++_version).ToString(CultureInfo.InvariantCulture), isIPv6, address.ToString());
        var session = new SdpSession
        {
            Origin = origin, Connection = new SdpConnection(isIPv6, address.ToString()), Media = sections,
        };
        return Encoding.UTF8.GetBytes(session.ToString());
    }

    private static string Name(SdpDirection direction) => direction switch
    {
        SdpDirection.SendRecv => "sendrecv",
        SdpDirection.SendOnly => "sendonly",
        SdpDirection.RecvOnly => "recvonly",
        _ => "inactive",
    };
}
