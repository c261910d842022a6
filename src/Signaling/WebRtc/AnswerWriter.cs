using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Wire.Sdp;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// Writes the answer to a negotiated offer: ICE-lite, DTLS-passive, one bundled transport, one fixed SSRC per slot with a stream
/// of its own, so that a talker's change needs no new description. RFC 8829 §5.3, RFC 8843, RFC 5576.
/// </summary>
public static class AnswerWriter
{
    private const string CanonicalName = "comms";
    private const string CameraStream = "camera";

    /// <summary>Priority of a host candidate: type preference 126, component 1. RFC 8445 §5.1.2.1.</summary>
    private const uint HostPriorityBase = 126u << 24 | 255;

    public static string Write(NegotiatedOffer negotiated, LocalIceTransport ice, MediaNodeDescription node)
    {
        var accepted = negotiated.Sections.Where(section => section.IsAccepted).ToArray();
        string sessionId = ice.Session.Value.ToString(CultureInfo.InvariantCulture);
        var media = new List<SdpMedia>(negotiated.Sections.Count);
        foreach (var section in negotiated.Sections)
            media.Add(section.IsAccepted ? Accepted(section, ice, node, isFirst: section == accepted[0]) : Rejected(section));
        var answer = new SdpSession
        {
            Origin = new SdpOrigin("-", sessionId, "1", false, "127.0.0.1"),
            Attributes =
            [
                new("ice-lite"),
                new("group", "BUNDLE " + string.Join(' ', accepted.Select(section => section.Offered.Mid))),
                new("msid-semantic", "WMS *"),
            ],
            Media = media,
        };
        return SdpWriter.Write(answer);
    }

    /// <summary>The answer to an ICE restart: new credentials and the same candidates for every section. RFC 8840 §9.</summary>
    public static string WriteFragment(IReadOnlyList<FragmentSection> sections, LocalIceTransport ice, MediaNodeDescription node)
    {
        var lines = new List<string> { "a=ice-lite", "a=group:BUNDLE " + string.Join(' ', sections.Select(section => section.Mid)) };
        foreach (var section in sections)
        {
            var attributes = new List<SdpAttribute> { new("mid", section.Mid), new("ice-ufrag", ice.Ufrag), new("ice-pwd", ice.Password) };
            if (section == sections[0]) AddCandidates(attributes, node.Candidates);
            lines.Add("m=" + section.MediaLine);
            lines.AddRange(attributes.Select(attribute => attribute.Value is { Length: > 0 } value ? $"a={attribute.Name}:{value}" : $"a={attribute.Name}"));
        }

        return string.Join("\r\n", lines) + "\r\n";
    }

    private static SdpMedia Rejected(NegotiatedSection section) => section.Offered with
    {
        Port = 0,
        Connection = new SdpConnection(false, "0.0.0.0"),
        Bandwidths = [],
        Attributes = section.Offered.Mid is { } mid ? [new("mid", mid), new("inactive")] : [new("inactive")],
    };

    private static SdpMedia Accepted(NegotiatedSection section, LocalIceTransport ice, MediaNodeDescription node, bool isFirst)
    {
        var attributes = new List<SdpAttribute>
        {
            new("ice-ufrag", ice.Ufrag),
            new("ice-pwd", ice.Password),
            new("fingerprint", "sha-256 " + Colons(node.FingerprintSha256)),
            new("setup", "passive"),
            new("mid", section.Offered.Mid),
            new(Word(section.Direction)),
            new("rtcp-mux"),
        };
        if (isFirst) AddCandidates(attributes, node.Candidates);
        var formats = section.Audio is { } audio ? AddAudio(attributes, section, audio)
            : section.CameraAudio is { } sound ? AddCameraAudio(attributes, section, sound)
            : section.Published is { } published ? AddPublished(attributes, section, published)
            : AddVideo(attributes, section, section.Video!);
        return new SdpMedia
        {
            Kind = section.Offered.Kind,
            Port = 9,
            Protocol = section.Offered.Protocol,
            Formats = formats,
            Connection = new SdpConnection(false, "0.0.0.0"),
            Attributes = attributes,
        };
    }

    private static string[] AddAudio(List<SdpAttribute> attributes, NegotiatedSection section, AudioSlot audio)
    {
        string payloadType = Text(audio.PayloadType);
        attributes.Add(new("rtpmap", $"{payloadType} opus/48000/2"));
        attributes.Add(new("fmtp", $"{payloadType} {section.FormatParameters}"));
        attributes.Add(new("ptime", "20"));
        foreach (string feedback in section.Feedback) attributes.Add(new("rtcp-fb", $"{payloadType} {feedback}"));
        string red = Text(audio.RedPayloadType);
        if (audio.RedPayloadType != 0)
        {
            attributes.Add(new("rtpmap", $"{red} red/48000/2"));
            attributes.Add(new("fmtp", $"{red} {payloadType}/{payloadType}"));
        }

        if (section.Direction != SdpDirection.RecvOnly) AddSource(attributes, section, audio.LocalSsrc);
        // Opus comes first: a browser sends the first format, and redundancy only ever goes to those who lose packets.
        return audio.RedPayloadType == 0 ? [payloadType] : [payloadType, red];
    }

    private static string[] AddVideo(List<SdpAttribute> attributes, NegotiatedSection section, VideoSlot video)
    {
        string payloadType = Text(video.PayloadType);
        attributes.Add(new("rtpmap", $"{payloadType} H264/90000"));
        attributes.Add(new("fmtp", $"{payloadType} {section.FormatParameters}"));
        List<string> formats = [payloadType];
        if (video.H265PayloadType != 0)
        {
            string h265 = Text(video.H265PayloadType);
            attributes.Add(new("rtpmap", $"{h265} H265/90000"));
            if (section.H265FormatParameters.Length > 0) attributes.Add(new("fmtp", $"{h265} {section.H265FormatParameters}"));
            formats.Add(h265);
        }

        foreach (string format in formats)
            foreach (string feedback in section.Feedback) attributes.Add(new("rtcp-fb", $"{format} {feedback}"));
        AddRetransmission(attributes, formats, video.RtxPayloadType, payloadType);
        AddRetransmission(attributes, formats, video.H265RtxPayloadType, Text(video.H265PayloadType));
        if (video.RtxSsrc != 0) attributes.Add(new("ssrc-group", $"FID {Text(video.LocalSsrc)} {Text(video.RtxSsrc)}"));
        AddSource(attributes, section, video.LocalSsrc);
        if (video.RtxSsrc != 0) AddSource(attributes, section, video.RtxSsrc);
        return [.. formats];
    }

    private static string[] AddPublished(List<SdpAttribute> attributes, NegotiatedSection section, PublishedSlot published)
    {
        string payloadType = Text(published.PayloadType);
        attributes.Add(new("rtpmap", $"{payloadType} H264/90000"));
        attributes.Add(new("fmtp", $"{payloadType} {section.FormatParameters}"));
        foreach (string feedback in section.Feedback) attributes.Add(new("rtcp-fb", $"{payloadType} {feedback}"));
        return [payloadType];
    }

    private static void AddRetransmission(List<SdpAttribute> attributes, List<string> formats, byte rtxPayloadType, string repaired)
    {
        if (rtxPayloadType == 0) return;
        string rtx = Text(rtxPayloadType);
        attributes.Add(new("rtpmap", $"{rtx} rtx/90000"));
        attributes.Add(new("fmtp", $"{rtx} apt={repaired}"));
        formats.Add(rtx);
    }

    private static string[] AddCameraAudio(List<SdpAttribute> attributes, NegotiatedSection section, CameraAudioSlot audio)
    {
        List<string> formats = [];
        Add(AudioCodec.Opus, "opus/48000/2");
        Add(AudioCodec.Pcma, "PCMA/8000");
        Add(AudioCodec.Pcmu, "PCMU/8000");
        AddSource(attributes, section, audio.LocalSsrc);
        return [.. formats];

        void Add(AudioCodec codec, string map)
        {
            if (audio.PayloadTypeOf(codec) is not { } payloadType) return;
            attributes.Add(new("rtpmap", $"{Text(payloadType)} {map}"));
            formats.Add(Text(payloadType));
        }
    }

    // Each slot of voice has a stream of its own: a browser would otherwise keep the slots in lip-sync with each other. A camera's
    // sound and pictures belong together.
    private static void AddSource(List<SdpAttribute> attributes, NegotiatedSection section, uint ssrc)
    {
        string stream = section.Audio is null ? CameraStream : $"slot-{section.Offered.Mid}";
        string msid = $"{stream} {section.Offered.Kind}-{section.Offered.Mid}";
        if (!attributes.Any(attribute => attribute.Name == "msid")) attributes.Add(new("msid", msid));
        attributes.Add(new("ssrc", $"{Text(ssrc)} cname:{CanonicalName}"));
        attributes.Add(new("ssrc", $"{Text(ssrc)} msid:{msid}"));
    }

    private static void AddCandidates(List<SdpAttribute> attributes, IReadOnlyList<IPEndPoint> candidates)
    {
        for (int i = 0; i < candidates.Count; i++)
        {
            uint priority = HostPriorityBase | (uint)(65535 - Math.Min(i, 65535)) << 8;
            var address = candidates[i].Address;
            if (address.AddressFamily == AddressFamily.InterNetworkV6) address = new IPAddress(address.GetAddressBytes());
            attributes.Add(new("candidate", string.Create(
                CultureInfo.InvariantCulture, $"{i + 1} 1 udp {priority} {address} {candidates[i].Port} typ host")));
        }

        attributes.Add(new("end-of-candidates"));
    }

    private static string Word(SdpDirection direction) => direction switch
    {
        SdpDirection.SendRecv => "sendrecv",
        SdpDirection.SendOnly => "sendonly",
        SdpDirection.RecvOnly => "recvonly",
        _ => "inactive",
    };

    private static string Colons(byte[] hash) => string.Join(':', hash.Select(value => value.ToString("X2", CultureInfo.InvariantCulture)));

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
