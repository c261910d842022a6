namespace Comms.Signaling.Sip.Transaction;

/// <summary>States of RFC 3261 §17 with RFC 6026's Accepted.</summary>
public enum TransactionState
{
    Calling,
    Trying,
    Proceeding,
    Completed,
    Confirmed,
    Accepted,
    Terminated,
}
