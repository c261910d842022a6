namespace Comms.Signaling.Sip.Dialog;

/// <summary>Why a call is over.</summary>
public enum CallEndReason
{
    /// <summary>The peer sent BYE.</summary>
    RemoteBye,

    /// <summary>The peer cancelled before we answered.</summary>
    Cancelled,

    /// <summary>We refused the INVITE.</summary>
    Rejected,

    /// <summary>We hung up.</summary>
    LocalBye,

    /// <summary>Our 200 was not acknowledged for 64*T1. RFC 3261 §13.3.1.4.</summary>
    NoAck,

    /// <summary>A request of ours inside the dialog got 481, 408 or no answer. RFC 3261 §12.2.1.2.</summary>
    PeerGone,

    /// <summary>The peer did not refresh its session in time. RFC 4028 §10.</summary>
    SessionExpired,

    /// <summary>The peer refused the call that we placed.</summary>
    Refused,

    /// <summary>The call that we placed was not answered in time, or nobody was reached.</summary>
    NoAnswer,

    /// <summary>We took back the call that we placed.</summary>
    Withdrawn,

    /// <summary>Another call took this one's place. RFC 3891.</summary>
    Replaced,

    /// <summary>The server is stopping.</summary>
    Stopping,
}
