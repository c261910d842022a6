using System.Buffers.Binary;

namespace Comms.Media.Wire.TelephoneEvent;

/// <summary>
/// The four bytes of a telephone-event. RFC 4733 §2.3: event(8) E(1) R(1) volume(6) duration(16), big-endian.
/// </summary>
/// <param name="Code">0–9 the digits, 10 '*', 11 '#', 12–15 A–D; above that, events that are no keys.</param>
/// <param name="IsEnd">The key is up; sent three times.</param>
/// <param name="VolumeDbm0">Tone power below 1 mW at the reference point, 0 to −63.</param>
/// <param name="DurationTicks">RTP clock ticks since the RTP timestamp of this event or segment.</param>
public readonly record struct TelephoneEventPayload(byte Code, bool IsEnd, int VolumeDbm0, ushort DurationTicks)
{
    public const int Bytes = 4;

    /// <summary>The last code that is a key of a telephone: 15, the key D.</summary>
    public const byte LastKey = 15;

    /// <summary>Reads the first event of a payload; several in one payload (RFC 4733 §2.5.1.5) repeat older ones. False: shorter than 4 bytes.</summary>
    public static bool TryParse(ReadOnlySpan<byte> payload, out TelephoneEventPayload value)
    {
        value = default;
        if (payload.Length < Bytes) return false;
        value = new TelephoneEventPayload(
            payload[0], (payload[1] & 0x80) != 0, -(payload[1] & 0x3F), BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
        return true;
    }
}
