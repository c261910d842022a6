using Comms.Grains.Contracts;
using Comms.Media.Numbers;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// One viewing session as its URL names it. <paramref name="Id"/> cannot be guessed, and only the account that made it may use it.
/// </summary>
/// <param name="EntityTag">Quoted, names the present ICE session; an ICE restart makes another.</param>
/// <param name="RemoteUfrag">The viewer's ICE username fragment; another one in a PATCH means an ICE restart.</param>
/// <param name="Media">The media session.</param>
/// <param name="Sections">The accepted m-lines without attributes, each with its mid: what a fragment of trickle ICE names.</param>
public sealed record WhepSession(
    string Id, SessionId Media, string AccountId, string CameraId, string EntityTag, string RemoteUfrag, IReadOnlyList<FragmentSection> Sections)
{
    public CameraProfile Profile { get; init; }
}

/// <summary>One m-line as a fragment of trickle ICE names it, RFC 8840 §9.</summary>
public sealed record FragmentSection(string MediaLine, string Mid);
