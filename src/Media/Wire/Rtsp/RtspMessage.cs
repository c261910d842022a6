using System.Globalization;
using System.Text;

namespace Comms.Media.Wire.Rtsp;

/// <summary>One RTSP 1.0 request or response, RFC 2326 §4. Control path: it owns its strings.</summary>
public sealed class RtspMessage
{
    /// <summary>Header lines beyond this are refused; real messages have fewer than twenty.</summary>
    public const int MaxHeaders = 64;

    private readonly List<KeyValuePair<string, string>> _headers = [];

    /// <summary>The request's method; empty for a response.</summary>
    public string Method { get; private init; } = "";

    /// <summary>The request's URI exactly as sent; empty for a response.</summary>
    public string Uri { get; private init; } = "";

    /// <summary>The response's status; 0 for a request.</summary>
    public int Status { get; private init; }

    public string Reason { get; private init; } = "";

    public string Body { get; private set; } = "";

    public bool IsRequest => Status == 0;

    /// <summary>The first header of that name, whatever its case; null when there is none.</summary>
    public string? this[string name]
    {
        get
        {
            foreach (var header in _headers)
            {
                if (header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    return header.Value;
                }
            }

            return null;
        }
    }

    /// <summary>All headers in order; some (WWW-Authenticate) come more than once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>CSeq, RFC 2326 §12.17; -1 when missing or malformed.</summary>
    public int CSeq =>
        int.TryParse(this["CSeq"], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : -1;

    public static RtspMessage Request(string method, string uri, int cSeq) =>
        new RtspMessage { Method = method, Uri = uri }.With("CSeq", cSeq.ToString(CultureInfo.InvariantCulture));

    public static RtspMessage Response(int status, string reason, RtspMessage request)
    {
        var response = new RtspMessage { Status = status, Reason = reason };
        return request["CSeq"] is { } cSeq ? response.With("CSeq", cSeq) : response;
    }

    public RtspMessage With(string name, string value)
    {
        _headers.Add(new KeyValuePair<string, string>(name, value));
        return this;
    }

    public RtspMessage WithBody(string contentType, string body)
    {
        Body = body;
        return With("Content-Type", contentType);
    }

    /// <summary>
    /// Reads start line and headers (without the empty line) and attaches the body. Lines may end in LF alone; folded
    /// lines are joined. False: no valid start line, or more than <see cref="MaxHeaders"/> headers.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, out RtspMessage message)
    {
        var at = head.IndexOf((byte)'\n');
        var startLine = Encoding.UTF8.GetString(at < 0 ? head : head[..at]).TrimEnd('\r');
        if (!TryParseStartLine(startLine, out message))
        {
            return false;
        }

        message.Body = Encoding.UTF8.GetString(body);
        return at < 0 || message.TryParseHeaders(head[(at + 1)..]);
    }

    /// <summary>The wire form; Content-Length is added when there is a body.</summary>
    public byte[] ToBytes()
    {
        var text = new StringBuilder();
        if (IsRequest)
        {
            text.Append(Method).Append(' ').Append(Uri).Append(" RTSP/1.0\r\n");
        }
        else
        {
            text.Append("RTSP/1.0 ").Append(Status).Append(' ').Append(Reason).Append("\r\n");
        }

        foreach (var header in _headers)
        {
            text.Append(header.Key).Append(": ").Append(header.Value).Append("\r\n");
        }

        if (Body.Length > 0)
        {
            text.Append("Content-Length: ").Append(Encoding.UTF8.GetByteCount(Body)).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("\r\n").Append(Body).ToString());
    }

    private static bool TryParseStartLine(string line, out RtspMessage message)
    {
        message = new RtspMessage();
        var parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2)
        {
            return false;
        }

        if (parts[0].StartsWith("RTSP/", StringComparison.Ordinal))
        {
            if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status) || status is < 100 or > 999)
            {
                return false;
            }

            message = new RtspMessage { Status = status, Reason = parts.Length == 3 ? parts[2] : "" };
            return true;
        }

        if (parts.Length != 3 || !parts[2].StartsWith("RTSP/", StringComparison.Ordinal) || !IsToken(parts[0]))
        {
            return false;
        }

        message = new RtspMessage { Method = parts[0], Uri = parts[1] };
        return true;
    }

    private static bool IsToken(string method)
    {
        foreach (var letter in method)
        {
            if (!char.IsAsciiLetter(letter) && letter != '_')
            {
                return false;
            }
        }

        return method.Length is > 0 and <= 32;
    }

    private bool TryParseHeaders(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty)
        {
            var at = lines.IndexOf((byte)'\n');
            var line = (at < 0 ? lines : lines[..at]).TrimEnd((byte)'\r');
            lines = at < 0 ? default : lines[(at + 1)..];
            if (line.IsEmpty)
            {
                continue;
            }

            if (_headers.Count == MaxHeaders)
            {
                return false;
            }

            AddLine(Encoding.UTF8.GetString(line));
        }

        return true;
    }

    private void AddLine(string line)
    {
        if (line[0] is ' ' or '\t')
        {
            if (_headers.Count > 0)
            {
                var last = _headers[^1];
                _headers[^1] = new KeyValuePair<string, string>(last.Key, $"{last.Value} {line.Trim()}");
            }

            return;
        }

        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0)
        {
            _headers.Add(new KeyValuePair<string, string>(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }
    }
}
