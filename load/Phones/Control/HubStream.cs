using System.Buffers.Binary;

namespace Comms.Phones.Control;

/// <summary>
/// Splits the bytes of one WebSocket (RFC 6455) into frames and those into hub messages. Keeps only what is incomplete. Bytes in,
/// events and control frames to answer out; no socket.
/// </summary>
internal sealed class HubStream(IHubEvents events)
{
    private const byte EndOfOpening = 0x1E;
    private byte[] _rawRest = [];
    private byte[] _hubRest = [];
    private bool _isOpen;

    /// <summary>A ping's payload that is to be answered; null for none.</summary>
    public byte[]? PingToAnswer { get; set; }

    /// <summary>False: the peer closed the WebSocket or sent what is not one.</summary>
    public bool Take(ReadOnlySpan<byte> received, long arrivalNs)
    {
        ReadOnlySpan<byte> raw = _rawRest.Length == 0 ? received : Join(_rawRest, received);
        while (TryReadFrame(ref raw, out int operation, out var payload))
        {
            switch (operation)
            {
                case 0 or 1 or 2:
                    TakeHub(payload, arrivalNs);
                    break;
                case 9:
                    PingToAnswer = payload.ToArray();
                    break;
                case 8:
                    return false;
            }
        }

        _rawRest = raw.IsEmpty ? [] : raw.ToArray();
        return true;
    }

    private static byte[] Join(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var both = new byte[first.Length + second.Length];
        first.CopyTo(both);
        second.CopyTo(both.AsSpan(first.Length));
        return both;
    }

    // FIN and opcode, then mask bit and length: 7 bits, or 126 and 16 bits, or 127 and 64 bits. A server never masks.
    private static bool TryReadFrame(ref ReadOnlySpan<byte> raw, out int operation, out ReadOnlySpan<byte> payload)
    {
        operation = 0;
        payload = default;
        if (raw.Length < 2) return false;
        long length = raw[1] & 0x7F;
        int header = length switch { 126 => 4, 127 => 10, _ => 2 };
        if (raw.Length < header) return false;
        if (header == 4) length = BinaryPrimitives.ReadUInt16BigEndian(raw[2..]);
        if (header == 10) length = BinaryPrimitives.ReadInt64BigEndian(raw[2..]);
        if (raw.Length - header < length) return false;
        operation = raw[0] & 0x0F;
        payload = raw.Slice(header, (int)length);
        raw = raw[(header + (int)length)..];
        return true;
    }

    private void TakeHub(ReadOnlySpan<byte> payload, long arrivalNs)
    {
        ReadOnlySpan<byte> hub = _hubRest.Length == 0 ? payload : Join(_hubRest, payload);
        if (!_isOpen)
        {
            int end = hub.IndexOf(EndOfOpening);
            if (end < 0)
            {
                _hubRest = hub.ToArray();
                return;
            }

            _isOpen = true;
            if (end == 2) events.OnHubOpen();
            else events.OnHubClosed(System.Text.Encoding.UTF8.GetString(hub[..end]));
            hub = hub[(end + 1)..];
        }

        while (TryReadMessage(ref hub, out var message)) Dispatch(message, arrivalNs);
        _hubRest = hub.IsEmpty ? [] : hub.ToArray();
    }

    private static bool TryReadMessage(ref ReadOnlySpan<byte> hub, out ReadOnlySpan<byte> message)
    {
        message = default;
        int length = 0;
        int at = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (at >= hub.Length) return false;
            byte part = hub[at++];
            length |= (part & 0x7F) << shift;
            if (part < 0x80) break;
        }

        if (hub.Length - at < length) return false;
        message = hub.Slice(at, length);
        hub = hub[(at + length)..];
        return true;
    }

    private void Dispatch(ReadOnlySpan<byte> message, long arrivalNs)
    {
        var scan = new MessagePackScan(message);
        int count = scan.Array();
        long type = scan.Number();
        switch (type)
        {
            case 1 when count >= 5:
                scan.Skip();
                scan.Skip();
                var target = scan.Text();
                events.OnNews(target, Rest(message, scan), arrivalNs);
                break;
            case 3 when count >= 4:
                scan.Skip();
                _ = int.TryParse(scan.Text(), out int id);
                long kind = scan.Number();
                events.OnReply(id, kind == 1, Rest(message, scan));
                break;
            case 7:
                events.OnHubClosed(System.Text.Encoding.UTF8.GetString(scan.Text()));
                break;
        }
    }

    private static ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> message, in MessagePackScan scan) => message[^scan.Left..];
}
