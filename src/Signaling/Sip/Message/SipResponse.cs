namespace Comms.Signaling.Sip.Message;

/// <summary>A response. RFC 3261 §7.2.</summary>
public sealed class SipResponse : SipMessage
{
    internal SipResponse(int status, string reason)
    {
        Status = status;
        Reason = reason;
    }

    /// <summary>100 to 699.</summary>
    public int Status { get; }

    public string Reason { get; }

    public bool IsProvisional => Status < 200;

    public bool IsSuccess => Status is >= 200 and < 300;

    /// <summary>
    /// Answers a request by RFC 3261 §8.2.6.2: Via, From, To, Call-ID and CSeq are copied as they came; a To tag is added
    /// when there is none and <paramref name="toTag"/> is given; Timestamp goes back in a 100.
    /// </summary>
    public static SipResponse For(SipRequest request, int status, string? toTag = null)
    {
        var response = new SipResponse(status, SipStatus.Phrase(status));
        foreach (var header in request.Headers)
        {
            var isCopied = header.Name is SipHeaderNames.Via or SipHeaderNames.From or SipHeaderNames.To
                or SipHeaderNames.CallId or SipHeaderNames.CSeq;
            if (SipHeaderNames.IsSingleton(header.Name) && response.Headers.Contains(header.Name))
            {
                // A malformed request that doubles a header gets a well-formed answer.
                continue;
            }

            if (isCopied || (status == SipStatus.Trying && header.Name == SipHeaderNames.Timestamp))
            {
                response.Headers.Add(header.Name, header.Value);
            }
        }

        response.Bind();
        if (toTag is not null)
        {
            response.AddToTag(toTag);
        }

        return response;
    }

    /// <summary>Adds our tag when the request had none. A To that cannot be read stays as it came.</summary>
    public void AddToTag(string tag)
    {
        if (To.Tag is null && To.Uri.Host != "invalid")
        {
            SetTo(To.WithTag(tag));
        }
    }
}
