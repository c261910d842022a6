namespace Comms.Media.Ice;

/// <summary>What a STUN message did to an agent.</summary>
public enum IceCheckOutcome
{
    /// <summary>Not a Binding request; no reply.</summary>
    Ignored,

    /// <summary>Answered with an error; nothing was learned from it.</summary>
    Refused,

    /// <summary>Valid; the path may carry DTLS and media from now on.</summary>
    Accepted,

    /// <summary>Valid, and media now goes to this path: the first valid one, or a newly nominated one.</summary>
    PathSelected,
}

/// <summary>The outcome and how many bytes of reply were written (0: none).</summary>
public readonly record struct IceCheckResult(IceCheckOutcome Outcome, int ReplyBytes);
