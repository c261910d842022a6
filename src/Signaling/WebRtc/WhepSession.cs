using Comms.Media.Numbers;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// One viewing session as its URL names it. <paramref name="Id"/> cannot be guessed, and only the account that made it may use it.
/// </summary>
/// <param name="EntityTag">Quoted, names the one ICE session that it ever has.</param>
/// <param name="RemoteUfrag">The viewer's ICE username fragment; another one in a PATCH means an ICE restart.</param>
public sealed record WhepSession(string Id, SessionId Media, string AccountId, string CameraId, string EntityTag, string RemoteUfrag);
