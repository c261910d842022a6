namespace Comms.Signaling.Sip.Message;

/// <summary>Why octets are not a well-formed message.</summary>
public enum SipParseError
{
    None,

    /// <summary>Nothing but line ends: a keep-alive (RFC 5626 §4.4.1), not a message.</summary>
    Empty,
    TooLarge,
    NoHeaderEnd,
    BadStartLine,

    /// <summary>A start line of another SIP version; answered with 505.</summary>
    BadVersion,
    BadRequestUri,
    BadStatusCode,
    BadHeaderLine,
    TooManyHeaders,
    HeaderTooLong,
    MissingHeader,
    DuplicateHeader,
    BadVia,
    BadFrom,
    BadTo,
    BadCallId,
    BadCSeq,

    /// <summary>The CSeq method is not the request line's. RFC 3261 §8.1.1.5.</summary>
    CSeqMethodMismatch,
    BadMaxForwards,
    BadContentLength,

    /// <summary>Content-Length names more octets than the datagram has. RFC 3261 §18.3.</summary>
    BodyTruncated,
}
