namespace Comms.Signaling.Sip;

/// <summary>Why an incoming SIP packet had no effect.</summary>
public enum SipDropReason
{
    /// <summary>Not a message, and not whole enough to be answered.</summary>
    Malformed,

    /// <summary>The source sent more than its share.</summary>
    RateLimited,

    /// <summary>The core's mailbox is full.</summary>
    MailboxFull,
    TooManyTransactions,
    StrayResponse,
    StrayAck,

    /// <summary>The socket refused to send, the connection is gone, or its peer does not read.</summary>
    SendFailed,

    /// <summary>A TCP or TLS connection over a limit, or lost before it was accepted.</summary>
    ConnectionRefused,
}

/// <summary>Counts of one SIP core. Written by any thread, read by any thread.</summary>
public sealed class SipCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<SipDropReason>().Length];
    private long _received;
    private long _sent;
    private long _keepAlives;

    public long Received => Interlocked.Read(ref _received);

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>CRLF packets and double CRLFs on connections, RFC 5626 §4.4.1.</summary>
    public long KeepAlives => Interlocked.Read(ref _keepAlives);

    public long Dropped(SipDropReason reason) => Interlocked.Read(ref _drops[(int)reason]);

    internal void Drop(SipDropReason reason) => Interlocked.Increment(ref _drops[(int)reason]);

    internal void CountReceived() => Interlocked.Increment(ref _received);

    internal void CountSent() => Interlocked.Increment(ref _sent);

    internal void CountKeepAlive() => Interlocked.Increment(ref _keepAlives);
}
