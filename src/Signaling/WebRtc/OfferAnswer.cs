using System.Diagnostics.CodeAnalysis;
using Comms.Media.Crypto.Dtls;
using Comms.Media.Node;
using Comms.Media.Wire.Sdp;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// Negotiates a browser's offer (RFC 8829) into what a media session needs. Pure: the same offer and first SSRC give the same
/// result. What would make a listener send packets (transport-cc, REMB, abs-send-time) is never accepted.
/// </summary>
public static class OfferAnswer
{
    /// <summary>One talking and seven more slots: what a phone monitors at once.</summary>
    public const int MaxAudioSlots = 8;

    private const int MaxSections = 32;

    /// <summary>
    /// What a phone is asked to send (RFC 7587 §6.1): wideband speech without DTX stays on one Opus configuration, so its frames can
    /// be merged; in-band FEC lets a listener repair a lost packet.
    /// </summary>
    private const string OpusParameters = "maxaveragebitrate=24000;maxplaybackrate=16000;usedtx=0;stereo=0;useinbandfec=1";

    private static readonly string[] PublishedFeedback = ["nack pli", "ccm fir"];

    private static readonly string[] VideoFeedback = ["nack", "nack pli", "ccm fir"];

    /// <summary>
    /// Slot n sends with SSRC <paramref name="firstSsrc"/> + n (modulo 2^32). <paramref name="owner"/> is a unit or account id for the
    /// debug page.
    /// </summary>
    public static bool TryNegotiate(
        string offer, OfferKind kind, uint firstSsrc, string owner, [NotNullWhen(true)] out NegotiatedOffer? negotiated, out OfferRefusal refusal)
    {
        negotiated = null;
        refusal = OfferRefusal.NotSdp;
        if (!SdpParser.TryParse(offer, out var session, out _) || session.Media.Count == 0) return false;
        refusal = session.Media.Count > MaxSections ? OfferRefusal.TooManySections : OfferRefusal.None;
        if (refusal != OfferRefusal.None) return false;
        var sections = Accept(session, kind, firstSsrc);
        var accepted = sections.Where(section => section.IsAccepted).ToArray();
        refusal = Check(session, accepted);
        if (refusal != OfferRefusal.None) return false;
        refusal = TryReadTransport(session, accepted, out var transport);
        if (refusal != OfferRefusal.None) return false;
        var parameters = transport! with
        {
            AudioSlots = [.. accepted.Where(section => section.Audio is not null).Select(section => section.Audio!)],
            Video = accepted.FirstOrDefault(section => section.Video is not null)?.Video,
            Published = accepted.FirstOrDefault(section => section.Published is not null)?.Published,
            CameraAudio = accepted.FirstOrDefault(section => section.CameraAudio is not null)?.CameraAudio,
            Owner = owner,
        };
        negotiated = new NegotiatedOffer(parameters, sections);
        return true;
    }

    private static List<NegotiatedSection> Accept(SdpSession session, OfferKind kind, uint firstSsrc)
    {
        var sections = new List<NegotiatedSection>(session.Media.Count);
        int slots = 0;
        uint nextSsrc = firstSsrc;
        foreach (var media in session.Media)
        {
            var section = new NegotiatedSection(media, SdpDirection.Inactive);
            if (IsUsable(session, media))
            {
                if (kind == OfferKind.Voice && slots < MaxAudioSlots) section = AcceptAudio(session, media, slots, nextSsrc) ?? section;
                else if (kind == OfferKind.Feed && !sections.Any(taken => taken.Offered.Kind == media.Kind && taken.IsAccepted))
                    section = AcceptVideo(media, nextSsrc) ?? AcceptCameraAudio(media, nextSsrc) ?? section;
                else if (kind == OfferKind.Publish && slots == 0) section = AcceptPublished(session, media, nextSsrc) ?? section;
            }

            if (section.IsAccepted)
            {
                slots++;
                nextSsrc += section.Video is { RtxSsrc: not 0 } ? 2u : 1u;
            }

            sections.Add(section);
        }

        // Sound alone is no picture.
        return kind == OfferKind.Feed && sections.All(section => section.Video is null)
            ? [.. sections.Select(section => new NegotiatedSection(section.Offered, SdpDirection.Inactive))]
            : sections;
    }

    private static bool IsUsable(SdpSession session, SdpMedia media)
    {
        // A bundle-only section has port 0 without being rejected (RFC 8843 §7.2.1).
        bool isOffered = !media.IsRejected || media.Has("bundle-only");
        bool isSecure = media.Protocol is "UDP/TLS/RTP/SAVPF" or "UDP/TLS/RTP/SAVP";
        return isOffered && isSecure && media.Mid is { Length: > 0 } && session.DirectionOf(media) != SdpDirection.Inactive;
    }

    private static NegotiatedSection? AcceptAudio(SdpSession session, SdpMedia media, int slot, uint ssrc)
    {
        if (media.Kind != "audio") return null;
        var opus = media.RtpMaps().FirstOrDefault(map => map.Is("opus", 48000) && map.Channels == 2);
        if (opus.ClockRate == 0) return null;
        var offered = session.DirectionOf(media);
        bool mayTalk = slot == 0 && offered is SdpDirection.SendRecv or SdpDirection.SendOnly;
        bool weSend = offered is SdpDirection.SendRecv or SdpDirection.RecvOnly;
        if (!mayTalk && !weSend) return null;
        var direction = mayTalk ? weSend ? SdpDirection.SendRecv : SdpDirection.RecvOnly : SdpDirection.SendOnly;
        bool nack = media.OffersFeedback(opus.PayloadType, "nack");
        var audio = new AudioSlot
        {
            Mid = media.Mid!,
            PayloadType = opus.PayloadType,
            LocalSsrc = ssrc,
            MayTalk = mayTalk,
            RedPayloadType = weSend ? RedOver(media, opus.PayloadType) : (byte)0,
            RemoteSsrc = mayTalk && media.Ssrcs() is [var first, ..] ? first : 0,
            Nack = nack,
        };
        return new NegotiatedSection(media, direction) { Audio = audio, FormatParameters = OpusParameters, Feedback = nack ? ["nack"] : [] };
    }

    /// <summary>The payload type of redundant packets (RFC 2198 §5) whose blocks are all that Opus; 0 when none is offered.</summary>
    private static byte RedOver(SdpMedia media, byte opus)
    {
        string blocks = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{opus}/{opus}");
        return media.RtpMaps()
            .FirstOrDefault(map => map.Is("red", 48000) && map.Channels == 2 && media.FormatParameters(map.PayloadType).Text.StartsWith(blocks, StringComparison.Ordinal))
            .PayloadType;
    }

    private static NegotiatedSection? AcceptVideo(SdpMedia media, uint ssrc)
    {
        if (BestH264(media) is not { } payloadType) return null;
        var maps = media.RtpMaps();
        byte h265 = maps.FirstOrDefault(map => map.Is("H265", 90000)).PayloadType;
        byte rtx = RtxOf(media, payloadType);
        var video = new VideoSlot
        {
            Mid = media.Mid!,
            PayloadType = payloadType,
            LocalSsrc = ssrc,
            RtxPayloadType = rtx,
            RtxSsrc = rtx == 0 ? 0 : ssrc + 1,
            H265PayloadType = h265,
            H265RtxPayloadType = h265 == 0 || rtx == 0 ? (byte)0 : RtxOf(media, h265),
        };
        return new NegotiatedSection(media, SdpDirection.SendOnly)
        {
            Video = video,
            FormatParameters = media.FormatParameters(payloadType).Text,
            H265FormatParameters = h265 == 0 ? "" : media.FormatParameters(h265).Text,
            Feedback = [.. VideoFeedback.Where(feedback => media.OffersFeedback(payloadType, feedback))],
        };
    }

    private static NegotiatedSection? AcceptPublished(SdpSession session, SdpMedia media, uint ssrc)
    {
        if (BestH264(media) is not { } payloadType || session.DirectionOf(media) is SdpDirection.RecvOnly) return null;
        return new NegotiatedSection(media, SdpDirection.RecvOnly)
        {
            Published = new PublishedSlot(media.Mid!, payloadType, ssrc),
            FormatParameters = media.FormatParameters(payloadType).Text,
            Feedback = [.. PublishedFeedback.Where(feedback => media.OffersFeedback(payloadType, feedback))],
        };
    }

    private static byte? BestH264(SdpMedia media)
    {
        if (media.Kind != "video") return null;
        var best = media.RtpMaps().Where(map => map.Is("H264", 90000)).OrderBy(map => H264Rank(media, map.PayloadType)).FirstOrDefault();
        return best.ClockRate == 0 || H264Rank(media, best.PayloadType) == int.MaxValue ? null : best.PayloadType;
    }

    private static byte RtxOf(SdpMedia media, byte payloadType)
    {
        string repaired = payloadType.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return media.RtpMaps().FirstOrDefault(map => map.Is("rtx", 90000) && media.FormatParameters(map.PayloadType)["apt"] == repaired).PayloadType;
    }

    /// <summary>Every codec that a camera may have is agreed on at once, because a cold camera is not known yet.</summary>
    private static NegotiatedSection? AcceptCameraAudio(SdpMedia media, uint ssrc)
    {
        if (media.Kind != "audio") return null;
        var maps = media.RtpMaps();
        var audio = new CameraAudioSlot
        {
            Mid = media.Mid!,
            LocalSsrc = ssrc,
            OpusPayloadType = maps.FirstOrDefault(map => map.Is("opus", 48000) && map.Channels == 2).PayloadType,
            HasPcmu = maps.Any(map => map.Is("PCMU", 8000)),
            PcmuPayloadType = maps.FirstOrDefault(map => map.Is("PCMU", 8000)).PayloadType,
            PcmaPayloadType = maps.FirstOrDefault(map => map.Is("PCMA", 8000)).PayloadType,
        };
        bool isAny = audio.OpusPayloadType != 0 || audio.HasPcmu || audio.PcmaPayloadType != 0;
        return isAny ? new NegotiatedSection(media, SdpDirection.SendOnly) { CameraAudio = audio } : null;
    }

    /// <summary>
    /// Best first: High and Main are what cameras send, the baselines every decoder has. Only packetization-mode 1 (RFC 6184 §6.3)
    /// carries fragments of a key frame.
    /// </summary>
    private static int H264Rank(SdpMedia media, byte payloadType)
    {
        var parameters = media.FormatParameters(payloadType);
        if (parameters["packetization-mode"] != "1") return int.MaxValue;
        string profile = parameters["profile-level-id"]?.ToUpperInvariant() ?? "42";
        return profile switch
        {
            _ when profile.StartsWith("64", StringComparison.Ordinal) => 0,
            _ when profile.StartsWith("4D", StringComparison.Ordinal) => 1,
            _ when profile.StartsWith("42E0", StringComparison.Ordinal) => 2,
            _ when profile.StartsWith("42", StringComparison.Ordinal) => 3,
            _ => 4,
        };
    }

    private static OfferRefusal Check(SdpSession session, NegotiatedSection[] accepted)
    {
        if (accepted.Length == 0) return OfferRefusal.NoCommonCodec;
        if (accepted.Any(section => !section.Offered.IsRtcpMux)) return OfferRefusal.NoRtcpMux;
        if (accepted.Any(section => session.Value(section.Offered, "setup") is not ("actpass" or "active"))) return OfferRefusal.PeerIsPassive;
        bool isBundled = session.Groups("BUNDLE").Any(group => accepted.All(section => group.Mids.Contains(section.Offered.Mid)));
        return accepted.Length > 1 && !isBundled ? OfferRefusal.NotBundled : OfferRefusal.None;
    }

    private static OfferRefusal TryReadTransport(SdpSession session, NegotiatedSection[] accepted, out WebRtcSessionParameters? transport)
    {
        transport = null;
        var media = accepted[0].Offered;
        string ufrag = session.Value(media, "ice-ufrag") ?? "";
        string password = session.Value(media, "ice-pwd") ?? "";
        if (!IsUsable(ufrag, password)) return OfferRefusal.NoIceCredentials;
        var fingerprint = session.FingerprintsOf(media)
            .Where(offered => new DtlsFingerprint(offered.Algorithm, offered.Hash).IsSupported)
            .MaxBy(offered => offered.Hash.Length);
        if (fingerprint is null) return OfferRefusal.NoFingerprint;
        transport = new WebRtcSessionParameters
        {
            RemoteUfrag = ufrag,
            RemotePassword = password,
            FingerprintAlgorithm = fingerprint.Algorithm,
            Fingerprint = fingerprint.Hash,
        };
        return OfferRefusal.None;
    }

    /// <summary>Credentials of the lengths and characters that RFC 8839 §5.4 allows.</summary>
    public static bool IsUsable(string? ufrag, string? password) =>
        ufrag is { Length: >= 4 and <= 256 } && password is { Length: >= 22 and <= 256 } && IsIceText(ufrag) && IsIceText(password);

    private static bool IsIceText(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/' or '-' or '_');
}
