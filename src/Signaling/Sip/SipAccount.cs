using Comms.Signaling.Sip.Digest;

namespace Comms.Signaling.Sip;

/// <summary>An account as the SIP side needs it: who it is, which unit it speaks for, and how to check its digest.</summary>
public sealed record SipAccount(string Id, string UnitId, bool IsDisabled, DigestVerifiers Verifiers);
