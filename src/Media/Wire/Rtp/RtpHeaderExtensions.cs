namespace Comms.Media.Wire.Rtp;

/// <summary>Elements of an RTP header extension in the one-byte (profile 0xBEDE) or two-byte (0x100X) form. RFC 8285 §4.</summary>
public readonly ref struct RtpHeaderExtensions(ushort profile, ReadOnlySpan<byte> elements)
{
    private const ushort OneByteProfile = 0xBEDE;
    private const ushort TwoByteProfile = 0x1000;

    /// <summary>Identifier 15 of the one-byte form ends the reading. RFC 8285 §4.2.</summary>
    private const int StopId = 15;

    private readonly ReadOnlySpan<byte> _elements = elements;

    /// <summary>The value of the first element with this id (1–14, or 1–255 in the two-byte form). False: absent or malformed before it.</summary>
    public bool TryFind(int id, out ReadOnlySpan<byte> value)
    {
        value = default;
        bool oneByte = profile == OneByteProfile;
        if (!oneByte && (profile & 0xFFF0) != TwoByteProfile) return false;
        int at = 0;
        while (at < _elements.Length)
        {
            if (_elements[at] == 0)
            {
                at++;
                continue;
            }

            if (!TryReadElement(oneByte, ref at, out int foundId, out int length)) return false;
            if (foundId == id)
            {
                value = _elements.Slice(at, length);
                return true;
            }

            at += length;
        }

        return false;
    }

    private bool TryReadElement(bool oneByte, ref int at, out int id, out int length)
    {
        id = length = 0;
        if (oneByte)
        {
            id = _elements[at] >> 4;
            length = (_elements[at] & 0x0F) + 1;
            at++;
            if (id == StopId) return false;
        }
        else
        {
            if (at + 2 > _elements.Length) return false;
            id = _elements[at];
            length = _elements[at + 1];
            at += 2;
        }

        return at + length <= _elements.Length;
    }
}
