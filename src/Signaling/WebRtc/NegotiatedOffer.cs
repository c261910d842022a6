using Comms.Media.Node;
using Comms.Media.Wire.Sdp;

namespace Comms.Signaling.WebRtc;

/// <summary>What was agreed: the session to be opened, and each offered section with its fate, in the offer's order.</summary>
public sealed record NegotiatedOffer(WebRtcSessionParameters Parameters, IReadOnlyList<NegotiatedSection> Sections);

/// <summary>One m= section of the offer. Neither slot set: it is rejected in the answer with port 0.</summary>
public sealed record NegotiatedSection(SdpMedia Offered, SdpDirection Direction)
{
    public AudioSlot? Audio { get; init; }

    public VideoSlot? Video { get; init; }

    public CameraAudioSlot? CameraAudio { get; init; }

    public PublishedSlot? Published { get; init; }

    /// <summary>The format parameters of H.265; "" when it was not accepted.</summary>
    public string H265FormatParameters { get; init; } = "";

    /// <summary>The format parameters to write for the accepted payload type; "" for none.</summary>
    public string FormatParameters { get; init; } = "";

    /// <summary>Feedback that both sides know, for example "nack pli".</summary>
    public IReadOnlyList<string> Feedback { get; init; } = [];

    public bool IsAccepted => Audio is not null || Video is not null || CameraAudio is not null || Published is not null;
}
