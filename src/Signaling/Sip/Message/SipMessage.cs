namespace Comms.Signaling.Sip.Message;

/// <summary>
/// A request or a response. The five values that every layer needs are parsed once; every other header is reached
/// through <see cref="Headers"/> as it came. Not shared between threads.
/// </summary>
public abstract class SipMessage
{
    private static readonly NameAddr NoAddress = new(SipUri.Sip(null, "invalid"));
    private static readonly Via NoVia = new("UDP", "invalid", 0);

    public SipHeaders Headers { get; } = new();

    public ReadOnlyMemory<byte> Body { get; private set; }

    public Via TopVia { get; private set; } = NoVia;

    public NameAddr From { get; private set; } = NoAddress;

    public NameAddr To { get; private set; } = NoAddress;

    public string CallId { get; private set; } = "";

    public CSeq CSeq { get; private set; }

    /// <summary>The body's type; null when there is none or it cannot be read.</summary>
    public MediaType? ContentType =>
        Headers.First(SipHeaderNames.ContentType) is { } text && MediaType.TryParse(text, out var type) ? type : null;

    public void SetBody(string contentType, ReadOnlyMemory<byte> body)
    {
        Headers.Set(SipHeaderNames.ContentType, contentType);
        Body = body;
    }

    /// <summary>Every address of a list header. False: one of them is malformed, or is the lone star of a Contact.</summary>
    public bool TryGetAddresses(string header, out List<NameAddr> addresses)
    {
        addresses = [];
        foreach (var value in Headers.List(header))
        {
            if (!NameAddr.TryParse(value, out var address))
            {
                return false;
            }

            addresses.Add(address);
        }

        return true;
    }

    /// <summary>Writes the source of the packet into the top Via, as a server must before it answers.</summary>
    public void MarkSource(System.Net.IPEndPoint source) => ReplaceTopVia(TopVia.WithSource(source));

    internal void ReplaceTopVia(Via via)
    {
        TopVia = via;
        var first = Headers.First(SipHeaderNames.Via) ?? "";
        var comma = SipText.IndexOutsideQuotes(first, ',');
        Headers.ReplaceFirst(SipHeaderNames.Via, comma < 0 ? via.ToString() : via + first[comma..]);
    }

    internal void SetTo(NameAddr to)
    {
        To = to;
        Headers.Set(SipHeaderNames.To, to.ToString());
    }

    internal void KeepBody(ReadOnlyMemory<byte> body) => Body = body;

    /// <summary>
    /// Reads the mandatory headers of RFC 3261 §8.1.1 into their properties, all that can be read, and reports the first fault.
    /// </summary>
    internal SipParseError Bind()
    {
        var error = HasRepeatedSingleton() ? SipParseError.DuplicateHeader : SipParseError.None;
        Note(ref error, BindVia());
        Note(ref error, BindAddress(SipHeaderNames.From, SipParseError.BadFrom, out var from));
        Note(ref error, BindAddress(SipHeaderNames.To, SipParseError.BadTo, out var to));
        Note(ref error, BindCallId());
        Note(ref error, BindCSeq());
        From = from;
        To = to;
        return error;
    }

    private static void Note(ref SipParseError error, SipParseError found) => error = error == SipParseError.None ? found : error;

    private bool HasRepeatedSingleton()
    {
        for (var i = 1; i < Headers.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (ReferenceEquals(Headers[j].Name, Headers[i].Name) && SipHeaderNames.IsSingleton(Headers[i].Name))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private SipParseError BindVia()
    {
        var first = Headers.First(SipHeaderNames.Via);
        if (first is null)
        {
            return SipParseError.MissingHeader;
        }

        var comma = SipText.IndexOutsideQuotes(first, ',');
        if (!Via.TryParse(comma < 0 ? first : first[..comma], out var via))
        {
            return SipParseError.BadVia;
        }

        TopVia = via;
        return SipParseError.None;
    }

    private SipParseError BindAddress(string name, SipParseError fault, out NameAddr address)
    {
        address = NoAddress;
        var text = Headers.First(name);
        return text is null ? SipParseError.MissingHeader : NameAddr.TryParse(text, out address) ? SipParseError.None : fault;
    }

    private SipParseError BindCallId()
    {
        CallId = Headers.First(SipHeaderNames.CallId) ?? "";
        var isWord = CallId.Length > 0 && !CallId.AsSpan().ContainsAny(' ', '\t');
        return Headers.Contains(SipHeaderNames.CallId) ? isWord ? SipParseError.None : SipParseError.BadCallId : SipParseError.MissingHeader;
    }

    private SipParseError BindCSeq()
    {
        var text = Headers.First(SipHeaderNames.CSeq);
        if (text is null || !CSeq.TryParse(text, out var cseq))
        {
            return text is null ? SipParseError.MissingHeader : SipParseError.BadCSeq;
        }

        CSeq = cseq;
        return SipParseError.None;
    }
}
