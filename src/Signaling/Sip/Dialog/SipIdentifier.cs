using System.Security.Cryptography;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip.Dialog;

/// <summary>Unguessable tags, branches and Call-IDs: whoever cannot read our packets cannot answer or end our calls. RFC 3261 §19.3.</summary>
public static class SipIdentifier
{
    public static string NewTag() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    public static string NewBranch() => Via.MagicCookie + RandomNumberGenerator.GetHexString(24, lowercase: true);

    public static string NewCallId() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
