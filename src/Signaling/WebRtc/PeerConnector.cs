using System.Buffers.Binary;
using System.Security.Cryptography;
using Comms.Media.Node;
using Comms.Media.Numbers;

namespace Comms.Signaling.WebRtc;

/// <summary>Turns an offer into a media session and its answer; the hub (voice) and WHEP (feeds) use it alike.</summary>
public sealed class PeerConnector(IMediaNode node)
{
    /// <summary>Opens a session on this node; <paramref name="owner"/> is a unit or account id.</summary>
    public async Task<PeerAnswer> OpenAsync(string offer, OfferKind kind, string owner)
    {
        uint firstSsrc = BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(sizeof(uint)));
        if (!OfferAnswer.TryNegotiate(offer, kind, firstSsrc, owner, out var negotiated, out var refusal)) return new PeerAnswer { Offer = refusal };
        var opened = await node.OpenWebRtcSessionAsync(negotiated.Parameters);
        if (!opened.IsOk) return new PeerAnswer { Media = opened.Refusal };
        return new PeerAnswer
        {
            Session = opened.Value!.Session,
            Sdp = AnswerWriter.Write(negotiated, opened.Value, node.Description),
            RemoteUfrag = negotiated.Parameters.RemoteUfrag,
            Sections = [.. negotiated.Sections.Where(section => section.IsAccepted).Select(Fragment)],
        };
    }

    // The formats of a fragment's m-line say nothing, but one has to stand there.
    private static int FormatOf(NegotiatedSection section) => section.Audio?.PayloadType ?? section.Video?.PayloadType ?? section.Published?.PayloadType ?? 0;

    private static FragmentSection Fragment(NegotiatedSection section) =>
        new($"{section.Offered.Kind} 9 {section.Offered.Protocol} {FormatOf(section)}", section.Offered.Mid!);
}

/// <summary>The answer, or what refused: the offer itself or the node.</summary>
public sealed record PeerAnswer
{
    public SessionId Session { get; init; }

    /// <summary>The answer; "" when refused.</summary>
    public string Sdp { get; init; } = "";

    /// <summary>The peer's ICE username fragment.</summary>
    public string RemoteUfrag { get; init; } = "";

    /// <summary>The accepted sections as a fragment of trickle ICE names them.</summary>
    public IReadOnlyList<FragmentSection> Sections { get; init; } = [];

    public OfferRefusal Offer { get; init; }

    public MediaRefusal Media { get; init; }

    public bool IsOk => Sdp.Length > 0;
}
