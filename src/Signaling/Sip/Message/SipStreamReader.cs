using System.Buffers.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>What a stream holds next.</summary>
public enum SipStreamItem
{
    /// <summary>Nothing whole yet.</summary>
    None,
    Message,

    /// <summary>A double CRLF between messages: a keep-alive that wants one CRLF back. RFC 5626 §4.4.1.</summary>
    Ping,

    /// <summary>The message is larger than <see cref="SipLimits.MessageBytes"/> or its length cannot be read: the stream is of no more use.</summary>
    Fault,
}

/// <summary>
/// Cuts the octets of one connection into messages by their Content-Length (RFC 3261 §18.3); without one a message ends
/// with its head. Sans-IO, bounded: it holds one message and what came behind it. Used by one reader.
/// </summary>
public sealed class SipStreamReader
{
    private const int FirstBytes = 4_096;
    private const int MaxBytes = SipLimits.MessageBytes + FirstBytes;

    private byte[] _buffer = new byte[FirstBytes];
    private int _start;
    private int _end;

    /// <summary>Octets of a message that is not whole yet are held; line ends between messages do not count.</summary>
    public bool IsInsideMessage => !Rest.Trim("\r\n"u8).IsEmpty;

    private ReadOnlySpan<byte> Rest => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Room for octets of the stream, never empty after <see cref="TryRead"/> said that nothing is whole.</summary>
    public Memory<byte> GetRoom()
    {
        if (_start > 0)
        {
            Rest.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length && _buffer.Length < MaxBytes)
        {
            Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, MaxBytes));
        }

        return _buffer.AsMemory(_end);
    }

    /// <summary>So many octets of the room were filled.</summary>
    public void Advance(int octets) => _end += octets;

    /// <summary>The next item; <paramref name="message"/> is valid until <see cref="GetRoom"/>.</summary>
    public SipStreamItem TryRead(out ReadOnlySpan<byte> message)
    {
        message = default;
        while (Rest.StartsWith("\r\n"u8))
        {
            if (Rest.StartsWith("\r\n\r\n"u8))
            {
                _start += 4;
                return SipStreamItem.Ping;
            }

            // The second line end of a ping may still be on its way.
            if (Rest.Length < 4 && "\r\n\r\n"u8.StartsWith(Rest))
            {
                return SipStreamItem.None;
            }

            _start += 2;
        }

        var head = Rest.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return Rest.Length >= SipLimits.MessageBytes ? SipStreamItem.Fault : SipStreamItem.None;
        }

        if (!TryGetLength(Rest[..head], out var bodyBytes) || head + 4 + bodyBytes > SipLimits.MessageBytes)
        {
            return SipStreamItem.Fault;
        }

        var bytes = head + 4 + bodyBytes;
        if (Rest.Length < bytes)
        {
            return SipStreamItem.None;
        }

        message = Rest[..bytes];
        _start += bytes;
        return SipStreamItem.Message;
    }

    // False: two different lengths, or one that is no number of at most five digits.
    private static bool TryGetLength(ReadOnlySpan<byte> head, out int length)
    {
        length = 0;
        var isFound = false;
        foreach (var range in head.Split("\r\n"u8))
        {
            var line = head[range];
            var colon = line.IndexOf((byte)':');
            if (colon <= 0 || !IsContentLength(line[..colon].TrimEnd(" \t"u8)))
            {
                continue;
            }

            var digits = line[(colon + 1)..].Trim(" \t"u8);
            if (digits.Length is 0 or > 5 || !Utf8Parser.TryParse(digits, out int value, out var used) || used != digits.Length || value < 0
                || (isFound && value != length))
            {
                return false;
            }

            (isFound, length) = (true, value);
        }

        return true;
    }

    private static bool IsContentLength(ReadOnlySpan<byte> name) =>
        name.Length == 1 ? (name[0] | 0x20) == 'l' : System.Text.Ascii.EqualsIgnoreCase(name, "content-length"u8);
}
