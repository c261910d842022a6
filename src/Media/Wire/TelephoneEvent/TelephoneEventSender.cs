using System.Buffers.Binary;
using Comms.Media.Numbers;

namespace Comms.Media.Wire.TelephoneEvent;

/// <summary>
/// One key press as RFC 4733 §2.5.1 sends it: an update every 20 ms under one timestamp, the end three times. Sans-IO: begin a
/// press, then take payloads at <see cref="NextDeadline"/>. Owned by one leg.
/// </summary>
public sealed class TelephoneEventSender
{
    private const int UpdateMs = 20;
    private const int TicksPerUpdate = 160;

    /// <summary>100 ms: what gateways that listen for tones need too.</summary>
    private const int Updates = 5;

    private const int Ends = 3;
    private const byte VolumeBelowReference = 10;

    private int _sent = Updates + Ends;
    private byte _code;
    private Instant _nextAt = Instant.Never;

    public Instant NextDeadline => _sent < Updates + Ends ? _nextAt : Instant.Never;

    /// <summary>Begins a press; one that is still being sent is cut short, which the receiver takes for its end.</summary>
    public void Begin(byte code, Instant now) => (_code, _sent, _nextAt) = (code, 0, now);

    /// <summary>Writes the next payload of four bytes; <paramref name="isFirst"/> asks for the marker and a new timestamp.</summary>
    public bool TryTake(Instant now, Span<byte> payload, out bool isFirst)
    {
        isFirst = _sent == 0;
        if (now < NextDeadline) return false;
        bool isEnd = _sent >= Updates;
        payload[0] = _code;
        payload[1] = (byte)(VolumeBelowReference | (isEnd ? 0x80 : 0));
        BinaryPrimitives.WriteUInt16BigEndian(payload[2..], (ushort)(Math.Min(_sent + 1, Updates) * TicksPerUpdate));
        // The three ends follow one another at once. RFC 4733 §2.5.1.4.
        if (++_sent < Updates) _nextAt = _nextAt.AddMs(UpdateMs);
        return true;
    }
}
