namespace Comms.Signaling.Sip.Message;

/// <summary>
/// One header field. The value is unfolded, trimmed and kept octet for octet (one char per octet, Latin-1), so that what
/// is not understood can be sent on unchanged whatever its character set is.
/// </summary>
public readonly record struct SipHeader(string Name, string Value);
