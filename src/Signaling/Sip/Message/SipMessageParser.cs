using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>
/// Reads one message from one datagram. Tolerant where RFC 3261 asks for it (folding, compact names, LWS around colons,
/// bare LF, octets behind Content-Length), bounded by <see cref="SipLimits"/>, and never throws. Pure.
/// </summary>
public static class SipMessageParser
{
    /// <summary>
    /// True: a well-formed message. False with a message: malformed, yet whole enough to be answered with
    /// <see cref="StatusFor"/>. False without: to be dropped. The message owns copies; <paramref name="datagram"/> may be reused.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out SipMessage? message, out SipParseError error)
    {
        message = null;
        error = SipParseError.None;
        if (datagram.Length > SipLimits.MessageBytes)
        {
            error = SipParseError.TooLarge;
            return false;
        }

        datagram = datagram.TrimStart("\r\n"u8);
        if (datagram.IsEmpty)
        {
            error = SipParseError.Empty;
            return false;
        }

        if (!TrySplit(datagram, out var head, out var body))
        {
            error = SipParseError.NoHeaderEnd;
            return false;
        }

        var lines = new LineReader(Encoding.Latin1.GetString(head));
        error = ParseStartLine(lines.Next(), out message);
        if (message is null)
        {
            return false;
        }

        var fault = ReadHeaders(message.Headers, ref lines);
        error = FirstOf(error, fault);
        if (fault is SipParseError.TooManyHeaders or SipParseError.HeaderTooLong)
        {
            message = null;
            return false;
        }

        return Finish(ref message, body, ref error);
    }

    /// <summary>The status that answers a malformed request.</summary>
    public static int StatusFor(SipParseError error) => error switch
    {
        SipParseError.BadVersion => SipStatus.VersionNotSupported,
        SipParseError.TooLarge => SipStatus.EntityTooLarge,
        _ => SipStatus.BadRequest,
    };

    private static bool Finish(ref SipMessage? message, ReadOnlySpan<byte> body, ref SipParseError error)
    {
        var bound = message!.Bind();
        error = FirstOf(error, bound);
        error = FirstOf(error, TakeBody(message, body));
        if (message is SipRequest request)
        {
            error = FirstOf(error, CheckRequest(request));
        }

        if (error == SipParseError.None)
        {
            return true;
        }

        if (message is not SipRequest { IsAck: false } || !IsAnswerable(message))
        {
            message = null;
        }

        return false;
    }

    private static SipParseError CheckRequest(SipRequest request)
    {
        if (request.CSeq.Method is { } method && method != request.Method)
        {
            return SipParseError.CSeqMethodMismatch;
        }

        return request.Headers.Contains(SipHeaderNames.MaxForwards) && request.MaxForwards is null
            ? SipParseError.BadMaxForwards : SipParseError.None;
    }

    private static bool IsAnswerable(SipMessage message) => message.Headers.Contains(SipHeaderNames.Via)
        && message.Headers.Contains(SipHeaderNames.From) && message.Headers.Contains(SipHeaderNames.To)
        && message.Headers.Contains(SipHeaderNames.CallId) && message.Headers.Contains(SipHeaderNames.CSeq);

    private static SipParseError FirstOf(SipParseError earlier, SipParseError later) => earlier == SipParseError.None ? later : earlier;

    // The head ends at the first empty line; a message that ends with its last header line is taken as one without body.
    private static bool TrySplit(ReadOnlySpan<byte> datagram, out ReadOnlySpan<byte> head, out ReadOnlySpan<byte> body)
    {
        for (var i = datagram.IndexOf((byte)'\n'); i >= 0;)
        {
            var next = datagram[(i + 1)..];
            var emptyLine = next.StartsWith("\r\n"u8) ? 2 : next.StartsWith("\n"u8) ? 1 : 0;
            if (emptyLine > 0)
            {
                head = datagram[..(i + 1)];
                body = next[emptyLine..];
                return true;
            }

            var step = next.IndexOf((byte)'\n');
            i = step < 0 ? -1 : i + 1 + step;
        }

        head = default;
        body = default;
        return false;
    }

    private static SipParseError ParseStartLine(ReadOnlySpan<char> line, out SipMessage? message)
    {
        message = null;
        if (line.StartsWith("SIP/", StringComparison.OrdinalIgnoreCase))
        {
            return ParseStatusLine(line, out message);
        }

        var first = line.IndexOf(' ');
        var last = line.LastIndexOf(' ');
        if (first <= 0 || !SipText.IsToken(line[..first]))
        {
            return SipParseError.BadStartLine;
        }

        var version = line[(last + 1)..];
        var method = SipMethods.Intern(line[..first]);
        var uriText = last > first ? line[(first + 1)..last] : default;
        var isUriRead = SipUri.TryParse(uriText, out var uri);
        message = new SipRequest(method, uriText.ToString(), uri);
        if (!version.Equals("SIP/2.0", StringComparison.OrdinalIgnoreCase))
        {
            return version.StartsWith("SIP/", StringComparison.OrdinalIgnoreCase) ? SipParseError.BadVersion : SipParseError.BadStartLine;
        }

        return isUriRead && !(uri.IsSip && uri.Headers is not null) ? SipParseError.None : SipParseError.BadRequestUri;
    }

    private static SipParseError ParseStatusLine(ReadOnlySpan<char> line, out SipMessage? message)
    {
        message = null;
        if (!line.StartsWith("SIP/2.0 ", StringComparison.OrdinalIgnoreCase))
        {
            return SipParseError.BadVersion;
        }

        var rest = line[8..];
        if (rest.Length < 3 || (rest.Length > 3 && rest[3] != ' ') || !SipText.TryParseNumber(rest[..3], 699, out var status) || status < 100)
        {
            return SipParseError.BadStatusCode;
        }

        message = new SipResponse((int)status, rest.Length > 4 ? rest[4..].ToString() : "");
        return SipParseError.None;
    }

    private static SipParseError ReadHeaders(SipHeaders headers, ref LineReader lines)
    {
        var error = SipParseError.None;
        while (lines.HasMore)
        {
            var line = lines.NextUnfolded();
            if (headers.Count >= SipLimits.HeaderFields)
            {
                return SipParseError.TooManyHeaders;
            }

            if (line.Length > SipLimits.HeaderValueBytes)
            {
                return SipParseError.HeaderTooLong;
            }

            var colon = line.AsSpan().IndexOf(':');
            var name = colon < 0 ? default : line.AsSpan(0, colon).TrimEnd();
            if (!SipText.IsToken(name) || line.Contains('\r'))
            {
                error = SipParseError.BadHeaderLine;
                continue;
            }

            headers.Add(SipHeaderNames.Canonicalize(name), line.AsSpan(colon + 1).Trim().ToString());
        }

        return error;
    }

    private static SipParseError TakeBody(SipMessage message, ReadOnlySpan<byte> rest)
    {
        var error = SipParseError.None;
        var length = (uint)rest.Length;
        if (message.Headers.First(SipHeaderNames.ContentLength) is { } text)
        {
            if (!SipText.TryParseNumber(text.Trim(), int.MaxValue, out length))
            {
                return SipParseError.BadContentLength;
            }

            error = length > rest.Length ? SipParseError.BodyTruncated : SipParseError.None;
        }

        message.KeepBody(rest[..(int)Math.Min(length, (uint)rest.Length)].ToArray());
        return error;
    }

    /// <summary>Walks the lines of a message head, joining folded ones (RFC 3261 §7.3.1) with a single space.</summary>
    private struct LineReader(string text)
    {
        private int _position;

        public readonly bool HasMore => _position < text.Length;

        public ReadOnlySpan<char> Next()
        {
            var rest = text.AsSpan(_position);
            var end = rest.IndexOf('\n');
            _position = end < 0 ? text.Length : _position + end + 1;
            var line = end < 0 ? rest : rest[..end];
            return line.EndsWith("\r") ? line[..^1] : line;
        }

        public string NextUnfolded()
        {
            var line = Next();
            if (!HasMore || text[_position] is not (' ' or '\t'))
            {
                return line.ToString();
            }

            var joined = new StringBuilder().Append(line.TrimEnd());
            while (HasMore && text[_position] is ' ' or '\t')
            {
                joined.Append(' ').Append(Next().Trim());
            }

            return joined.ToString();
        }
    }
}
