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

    void HangUp(SipCallId call);

    /// <summary>Takes every contact of an account away: it may no longer register.</summary>
    void Unregister(string accountId);
}

/// <summary>Takes the MESSAGE requests of proven accounts.</summary>
public interface ISipMessageHandler
{
    /// <summary>Returns the status to answer with, 200 to 699.</summary>
    Task<int> HandleAsync(MessageArrived message);
}
