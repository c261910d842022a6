using Comms.Signaling.Sip.Dialog;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip;

/// <summary>
/// The calls of this node, for whoever joins them to something. Thread-safe: commands are carried to the SIP core's
/// thread; a command for a call that is over changes nothing, because a call may always end first.
/// </summary>
public interface ISipCalls
{
    /// <summary>Offers, re-offers, acknowledgements and ends, in order per call. On the SIP core's thread: handlers only enqueue.</summary>
    event Action<SipServerEvent>? CallEvent;

    void Answer(SipCallId call, ReadOnlyMemory<byte> sdp);

    /// <summary>Refuses with that status; <paramref name="warning"/> becomes a Warning header (RFC 3261 §20.43).</summary>
    void Reject(SipCallId call, int status, string? warning = null);

    /// <summary>Ends a call, or takes it back while it rings; <paramref name="cause"/> becomes a Reason header (RFC 3326).</summary>
    void HangUp(SipCallId call, string? cause = null);

    /// <summary>Tells the caller of an offered call that somebody is called: 180.</summary>
    void Ring(SipCallId call);

    /// <summary>Offers the peer of an established call other media: <see cref="CallReanswered"/> follows.</summary>
    void Reoffer(SipCallId call, ReadOnlyMemory<byte> sdp);

    /// <summary>Tells the sender of a REFER how the call that it asked for goes.</summary>
    void NotifyReferred(SipCallId call, int status);

    /// <summary>
    /// The way to a SIP URI: its host and port (names are looked up), or the port of its transport; a TCP or TLS connection
    /// to it is used again or opened now. Null: it cannot be reached. The flow's local address is where our media must be.
    /// </summary>
    Task<SipRoute?> FindRouteAsync(SipUri target, CancellationToken stopping);

    /// <summary>The ways to every device that an account has registered, the newest first; none when it has not.</summary>
    Task<IReadOnlyList<SipRoute>> FindContactsAsync(string accountId);

    /// <summary>Calls to that user part of our Contact come from a trunk that we registered at; null takes it back.</summary>
    void TrustContact(string user, SipAccount? account);

    /// <summary>Sends a request outside any dialog, proven where it is challenged.</summary>
    Task<OutgoingAnswer> RequestAsync(OutgoingRequest request);

    /// <summary>
    /// Places a call with that offer and those headers. <paramref name="happened"/> hears all of it, in order: maybe
    /// <see cref="CallRinging"/>, then <see cref="CallAnswered"/>, later what a call may bring, and at last
    /// <see cref="CallEnded"/> with its cause. On the SIP core's thread: it only enqueues.
    /// </summary>
    SipCallId Place(OutgoingInvite invite, Action<SipServerEvent> happened);

    /// <summary>Takes every contact of an account away: it may no longer register.</summary>
    void Unregister(string accountId);
}

/// <summary>Takes the MESSAGE requests of proven accounts.</summary>
public interface ISipMessageHandler
{
    /// <summary>Returns the status to answer with, 200 to 699.</summary>
    Task<int> HandleAsync(MessageArrived message);
}
