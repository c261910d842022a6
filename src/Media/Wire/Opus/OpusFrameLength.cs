namespace Comms.Media.Wire.Opus;

/// <summary>The one- or two-byte frame length. RFC 6716 §3.2.1: 0–251 as it is, 252–255 means second byte × 4 + first byte.</summary>
public static class OpusFrameLength
{
    /// <summary>255 × 4 + 255: the longest frame this coding can name, and the longest allowed at all.</summary>
    public const int Max = 1_275;

    private const int FirstTwoByteValue = 252;

    /// <summary>Reads a length and moves <paramref name="position"/> behind it. False: the bytes end first.</summary>
    public static bool TryRead(ReadOnlySpan<byte> packet, ref int position, out int lengthBytes)
    {
        lengthBytes = 0;
        if (position >= packet.Length) return false;
        int first = packet[position];
        if (first < FirstTwoByteValue)
        {
            position++;
            lengthBytes = first;
            return true;
        }

        if (position + 1 >= packet.Length) return false;
        lengthBytes = packet[position + 1] * 4 + first;
        position += 2;
        return true;
    }

    /// <summary>Bytes that the coded length takes: 1 or 2.</summary>
    public static int CodedBytes(int lengthBytes) => lengthBytes < FirstTwoByteValue ? 1 : 2;

    /// <summary>Writes a length of 0 to <see cref="Max"/>; returns the bytes written.</summary>
    public static int Write(Span<byte> packet, int lengthBytes)
    {
        if (lengthBytes < FirstTwoByteValue)
        {
            packet[0] = (byte)lengthBytes;
            return 1;
        }

        int first = FirstTwoByteValue + (lengthBytes & 3);
        packet[0] = (byte)first;
        packet[1] = (byte)((lengthBytes - first) / 4);
        return 2;
    }
}
