using System.Buffers;
using System.Globalization;

namespace Comms.Media.Wire.Rtsp;

/// <summary>
/// Cuts a TCP byte stream into RTSP messages and interleaved frames (<c>'$' channel length(16) packet</c>, RFC 2326
/// §10.12). Owned by one connection. Interleaved frames are read in place; only an incomplete tail is kept, in rented
/// memory, so an idle connection holds none. Garbage between elements is stepped over up to a bound.
/// </summary>
public sealed class RtspStreamReader
{
    private const int MaxHeadBytes = 16 * 1024;
    private const int MaxBodyBytes = 64 * 1024;
    private const int MaxGarbageBytes = 256 * 1024;
    private const int FrameHeaderBytes = 4;

    private byte[]? _kept;
    private int _keptLength;

    /// <summary>Bytes that belonged to no element; a stream with too many of them is a violation.</summary>
    public int GarbageBytes { get; private set; }

    /// <summary>Begins reading what arrived. Every cursor is read to <see cref="RtspElementKind.None"/> and then closed.</summary>
    public Cursor Open(ReadOnlySpan<byte> received)
    {
        if (_keptLength == 0)
        {
            return new Cursor(this, received);
        }

        Keep(received, _keptLength);
        return new Cursor(this, _kept.AsSpan(0, _keptLength));
    }

    /// <summary>Gives the memory back; the reader may be used again.</summary>
    public void Release()
    {
        if (_kept is not null)
        {
            ArrayPool<byte>.Shared.Return(_kept);
        }

        _kept = null;
        _keptLength = 0;
    }

    private void Keep(ReadOnlySpan<byte> bytes, int at)
    {
        var needed = at + bytes.Length;
        if (_kept is null || _kept.Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(1024, needed));
            _kept.AsSpan(0, at).CopyTo(larger);
            if (_kept is not null)
            {
                ArrayPool<byte>.Shared.Return(_kept);
            }

            _kept = larger;
        }

        bytes.CopyTo(_kept.AsSpan(at));
        _keptLength = needed;
    }

    private void Close(ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
        {
            Release();
        }
        else
        {
            Keep(rest, 0);
        }
    }

    /// <summary>Reads elements of one receive call.</summary>
    public ref struct Cursor
    {
        private readonly RtspStreamReader _reader;
        private ReadOnlySpan<byte> _rest;

        internal Cursor(RtspStreamReader reader, ReadOnlySpan<byte> bytes)
        {
            _reader = reader;
            _rest = bytes;
        }

        /// <summary>False: nothing complete is left; <paramref name="element"/> is then None, or Violation.</summary>
        public bool TryRead(out RtspElement element)
        {
            while (!_rest.IsEmpty)
            {
                if (_rest[0] == '$')
                {
                    return TryReadFrame(out element);
                }

                if (char.IsAsciiLetterUpper((char)_rest[0]))
                {
                    return TryReadMessage(out element);
                }

                if (!TrySkipGarbage())
                {
                    element = new RtspElement { Kind = RtspElementKind.Violation };
                    return false;
                }
            }

            element = default;
            return false;
        }

        /// <summary>Keeps the incomplete tail for the next receive call.</summary>
        public readonly void Close() => _reader.Close(_rest);

        private bool TryReadFrame(out RtspElement element)
        {
            element = default;
            if (_rest.Length < FrameHeaderBytes)
            {
                return false;
            }

            var length = (_rest[2] << 8) | _rest[3];
            if (_rest.Length < FrameHeaderBytes + length)
            {
                return false;
            }

            element = new RtspElement
            {
                Kind = RtspElementKind.Interleaved,
                Channel = _rest[1],
                Payload = _rest.Slice(FrameHeaderBytes, length),
            };
            _rest = _rest[(FrameHeaderBytes + length)..];
            return true;
        }

        private bool TryReadMessage(out RtspElement element)
        {
            element = default;
            var headBytes = HeadLength(_rest, out var terminatorBytes);
            if (headBytes < 0)
            {
                if (_rest.Length > MaxHeadBytes)
                {
                    element = new RtspElement { Kind = RtspElementKind.Violation };
                }

                return false;
            }

            var head = _rest[..headBytes];
            var bodyBytes = ContentLength(head);
            if (headBytes > MaxHeadBytes || bodyBytes is < 0 or > MaxBodyBytes)
            {
                element = new RtspElement { Kind = RtspElementKind.Violation };
                return false;
            }

            var total = headBytes + terminatorBytes + bodyBytes;
            if (_rest.Length < total)
            {
                return false;
            }

            var body = _rest.Slice(headBytes + terminatorBytes, bodyBytes);
            _rest = _rest[total..];
            var isMessage = RtspMessage.TryParse(head, body, out var message);
            element = isMessage
                ? new RtspElement { Kind = RtspElementKind.Message, Message = message }
                : new RtspElement { Kind = RtspElementKind.Violation };
            return isMessage;
        }

        /// <summary>Steps to the next byte that may begin an element: a plausible frame, or a capital letter after a line end.</summary>
        private bool TrySkipGarbage()
        {
            var at = 1;
            while (at < _rest.Length && !MayBegin(_rest, at))
            {
                at++;
            }

            var isLineEnd = at <= 2 && _rest[0] is (byte)'\r' or (byte)'\n';
            _reader.GarbageBytes += isLineEnd ? 0 : at;
            _rest = _rest[at..];
            return _reader.GarbageBytes <= MaxGarbageBytes;
        }

        /// <summary>A frame found after garbage must hold an RTP or RTCP packet: version 2, RFC 3550 §5.1.</summary>
        private static bool MayBegin(ReadOnlySpan<byte> bytes, int at) => bytes[at] switch
        {
            (byte)'$' => at + 4 >= bytes.Length || (bytes[at + 4] >> 6 == 2 && bytes[at + 1] < 16),
            >= (byte)'A' and <= (byte)'Z' => bytes[at - 1] is (byte)'\n' or (byte)'\r' || bytes[at..].StartsWith("RTSP/1.0 "u8),
            _ => false,
        };

        private static int HeadLength(ReadOnlySpan<byte> bytes, out int terminatorBytes)
        {
            terminatorBytes = 4;
            var at = bytes.IndexOf("\r\n\r\n"u8);
            var bare = bytes.IndexOf("\n\n"u8);
            if (bare >= 0 && (at < 0 || bare < at))
            {
                terminatorBytes = 2;
                return bare;
            }

            return at;
        }

        /// <summary>0 when the header is missing, -1 when it is not a number.</summary>
        private static int ContentLength(ReadOnlySpan<byte> head)
        {
            foreach (var range in head.Split((byte)'\n'))
            {
                var line = head[range];
                var colon = line.IndexOf((byte)':');
                if (colon < 0 || !System.Text.Ascii.EqualsIgnoreCase(line[..colon].Trim(" \t"u8), "content-length"u8))
                {
                    continue;
                }

                var value = line[(colon + 1)..].Trim(" \t\r"u8);
                return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : -1;
            }

            return 0;
        }
    }
}
