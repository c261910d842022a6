using System.Globalization;

namespace Comms.Signaling.Sip.Message;

/// <summary>A request. RFC 3261 §7.1.</summary>
public sealed class SipRequest : SipMessage
{
    internal SipRequest(string method, string uriText, SipUri uri)
    {
        Method = method;
        UriText = uriText;
        Uri = uri;
    }

    public string Method { get; }

    /// <summary>The Request-URI as written.</summary>
    public string UriText { get; }

    public SipUri Uri { get; }

    /// <summary>Null when absent or unreadable.</summary>
    public int? MaxForwards =>
        Headers.First(SipHeaderNames.MaxForwards) is { } text && SipText.TryParseNumber(text.Trim(), 255, out var hops) ? (int)hops : null;

    /// <summary>Seconds of the Expires header; null when absent. RFC 3261 §20.19: what cannot be read counts as 3600.</summary>
    public uint? ExpiresSeconds => Headers.First(SipHeaderNames.Expires) is not { } text ? null
        : SipText.TryParseNumber(text.Trim(), uint.MaxValue, out var seconds) ? seconds : 3600;

    public bool IsAck => Method == SipMethods.Ack;

    public bool IsInvite => Method == SipMethods.Invite;

    /// <summary>
    /// Builds a request of ours with the six headers of RFC 3261 §8.1.1; anything else is added by the caller.
    /// </summary>
    public static SipRequest Create(string method, SipUri uri, RequestParts parts)
    {
        var request = new SipRequest(method, uri.ToString(), uri);
        request.Headers.Add(SipHeaderNames.Via, parts.Via.ToString());
        request.Headers.Add(SipHeaderNames.MaxForwards, "70");
        request.Headers.Add(SipHeaderNames.From, parts.From.ToString());
        request.Headers.Add(SipHeaderNames.To, parts.To.ToString());
        request.Headers.Add(SipHeaderNames.CallId, parts.CallId);
        request.Headers.Add(SipHeaderNames.CSeq, string.Create(CultureInfo.InvariantCulture, $"{parts.CSeq} {method}"));
        request.Bind();
        return request;
    }
}

/// <summary>What identifies a request of ours besides its method and target.</summary>
public sealed record RequestParts(Via Via, NameAddr From, NameAddr To, string CallId, uint CSeq);
