using System.Buffers.Binary;
using System.Text;

namespace Comms.Phones.Control;

/// <summary>The frames of HTTP/2 (RFC 9113 §4.1, §6) that a client of WebSockets over it (RFC 8441) writes.</summary>
internal static class H2Frame
{
    public const int HeaderBytes = 9;
    public const byte Data = 0;
    public const byte Headers = 1;
    public const byte ResetStream = 3;
    public const byte Settings = 4;
    public const byte Ping = 6;
    public const byte GoAway = 7;
    public const byte WindowUpdate = 8;
    public const byte Acknowledged = 1;
    public const byte EndHeaders = 4;
    public const int SettingHeaderTable = 1;
    public const int SettingPush = 2;
    public const int SettingInitialWindow = 4;
    public const int SettingConnectProtocol = 8;
    public const int LargestWindow = int.MaxValue;
    public const int DefaultWindow = 65_535;

    /// <summary>24-bit length, type, flags, 31-bit stream.</summary>
    public static byte[] Make(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        frame[0] = (byte)(payload.Length >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(1), (ushort)payload.Length);
        frame[3] = type;
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    /// <summary>
    /// The connection preface, our settings and the widest window: control traffic of a run stays far below it, so that no
    /// window update is ever due.
    /// </summary>
    public static byte[] Preface()
    {
        Span<byte> settings = stackalloc byte[18];
        Setting(settings, SettingHeaderTable, 0);
        Setting(settings[6..], SettingPush, 0);
        Setting(settings[12..], SettingInitialWindow, LargestWindow);
        Span<byte> increment = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(increment, LargestWindow - DefaultWindow);
        return [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Make(Settings, 0, 0, settings), .. Make(WindowUpdate, 0, 0, increment)];
    }

    /// <summary>The extended CONNECT of RFC 8441 §4.</summary>
    public static byte[] Connect(int stream, string authority, string path)
    {
        var block = new List<byte>();
        Field(block, ":method", "CONNECT");
        Field(block, ":protocol", "websocket");
        Field(block, ":scheme", "https");
        Field(block, ":path", path);
        Field(block, ":authority", authority);
        Field(block, "sec-websocket-version", "13");
        Field(block, "origin", "https://" + authority);
        return Make(Headers, EndHeaders, stream, block.ToArray());
    }

    /// <summary>True for a header block that begins with the indexed field ":status 200", behind table size updates. RFC 7541 §6.</summary>
    public static bool IsOk(ReadOnlySpan<byte> block)
    {
        while (!block.IsEmpty && (block[0] & 0xE0) == 0x20) block = block[1..];
        return !block.IsEmpty && block[0] == 0x88;
    }

    private static void Setting(Span<byte> at, int name, int value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(at, (ushort)name);
        BinaryPrimitives.WriteInt32BigEndian(at[2..], value);
    }

    // A literal field without indexing and without Huffman coding. RFC 7541 §6.2.2.
    private static void Field(List<byte> block, string name, string value)
    {
        block.Add(0);
        Text(block, name);
        Text(block, value);
    }

    // The length has a 7-bit prefix. RFC 7541 §5.1.
    private static void Text(List<byte> block, string text)
    {
        int length = text.Length;
        if (length < 127) block.Add((byte)length);
        else
        {
            block.Add(127);
            for (length -= 127; length >= 128; length >>= 7) block.Add((byte)(length & 127 | 128));
            block.Add((byte)length);
        }

        block.AddRange(Encoding.ASCII.GetBytes(text));
    }
}
