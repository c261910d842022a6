using System.Collections.Frozen;

namespace Comms.Signaling.Sip.Message;

/// <summary>Header field names with their compact forms. RFC 3261 §7.3.3 and §20.</summary>
public static class SipHeaderNames
{
    public const string Accept = "Accept";
    public const string Allow = "Allow";
    public const string Authorization = "Authorization";
    public const string CallId = "Call-ID";
    public const string Contact = "Contact";
    public const string ContentDisposition = "Content-Disposition";
    public const string ContentEncoding = "Content-Encoding";
    public const string ContentLength = "Content-Length";
    public const string ContentType = "Content-Type";
    public const string CSeq = "CSeq";
    public const string Date = "Date";
    public const string Event = "Event";
    public const string Expires = "Expires";
    public const string From = "From";
    public const string MaxForwards = "Max-Forwards";
    public const string MinExpires = "Min-Expires";
    public const string MinSe = "Min-SE";
    public const string ProxyAuthenticate = "Proxy-Authenticate";
    public const string ProxyAuthorization = "Proxy-Authorization";
    public const string RAck = "RAck";
    public const string Reason = "Reason";
    public const string RecordRoute = "Record-Route";
    public const string ReferTo = "Refer-To";
    public const string ReferredBy = "Referred-By";
    public const string Replaces = "Replaces";
    public const string Require = "Require";
    public const string ResourcePriority = "Resource-Priority";
    public const string RetryAfter = "Retry-After";
    public const string Route = "Route";
    public const string RSeq = "RSeq";
    public const string Server = "Server";
    public const string SessionExpires = "Session-Expires";
    public const string SubscriptionState = "Subscription-State";
    public const string Supported = "Supported";
    public const string Timestamp = "Timestamp";
    public const string To = "To";
    public const string Unsupported = "Unsupported";
    public const string UserAgent = "User-Agent";
    public const string Via = "Via";
    public const string WwwAuthenticate = "WWW-Authenticate";

    private static readonly FrozenDictionary<string, string> Canonical = Build();
    private static readonly FrozenDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> Lookup =
        Canonical.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Fields that may stand only once in a message; a second one makes it malformed (RFC 4475 §3.3.8).</summary>
    internal static bool IsSingleton(string canonicalName) => canonicalName is
        CallId or ContentLength or ContentType or CSeq or From or To or MaxForwards or Expires or MinExpires;

    /// <summary>The canonical spelling; an unknown name comes back as it was written.</summary>
    public static string Canonicalize(ReadOnlySpan<char> name) =>
        Lookup.TryGetValue(name, out var canonical) ? canonical : name.ToString();

    private static FrozenDictionary<string, string> Build()
    {
        string[] names =
        [
            Accept, Allow, Authorization, CallId, Contact, ContentDisposition, ContentEncoding, ContentLength, ContentType, CSeq,
            Date, Expires, From, MaxForwards, MinExpires, Reason, RecordRoute, Require, RetryAfter, Route, Server, Supported,
            Timestamp, To, Unsupported, UserAgent, Via, WwwAuthenticate, Event, ReferTo, ReferredBy, SessionExpires,
            "Subject", "Allow-Events", ProxyAuthenticate, ProxyAuthorization, "Proxy-Require", "Priority", MinSe, RAck, RSeq, Replaces,
            ResourcePriority, SubscriptionState,
        ];
        var map = names.ToDictionary(name => name, name => name, StringComparer.OrdinalIgnoreCase);
        map["i"] = CallId;
        map["m"] = Contact;
        map["e"] = ContentEncoding;
        map["l"] = ContentLength;
        map["c"] = ContentType;
        map["f"] = From;
        map["s"] = "Subject";
        map["k"] = Supported;
        map["t"] = To;
        map["v"] = Via;
        map["o"] = Event;
        map["r"] = ReferTo;
        map["b"] = ReferredBy;
        map["x"] = SessionExpires;
        map["u"] = "Allow-Events";
        return map.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
