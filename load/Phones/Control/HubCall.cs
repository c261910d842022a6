namespace Comms.Phones.Control;

/// <summary>Writes what a page says to the hub: SignalR's MessagePack protocol, each message behind its length.</summary>
internal static class HubCall
{
    private const int Invocation = 1;
    private const int LengthBytesMax = 3;

    /// <summary>The protocol's opening; the answer is "{}" and the same end mark.</summary>
    public static ReadOnlySpan<byte> Opening => "{\"protocol\":\"messagepack\",\"version\":1}\u001e"u8;

    /// <summary>Length 2, array of one, type 6.</summary>
    public static ReadOnlySpan<byte> Ping => [2, 0x91, 6];

    public static int Hello(Span<byte> output, int id)
    {
        var body = Begin(stackalloc byte[128], id, "Hello");
        body.Array(1);
        body.Map(2);
        body.Text("protocolVersion");
        body.Number(1);
        body.Text("page");
        body.Text("ptt");
        return End(ref body, output);
    }

    public static int OpenVoice(Span<byte> output, int id, string offer)
    {
        var body = Begin(new byte[offer.Length + 128], id, "OpenVoice");
        body.Array(1);
        body.Map(1);
        body.Text("sdp");
        body.Text(offer);
        return End(ref body, output);
    }

    public static int Join(Span<byte> output, int id, string channel, int slot)
    {
        var body = Begin(stackalloc byte[256], id, "Join");
        body.Array(2);
        body.Text(channel);
        body.Number(slot);
        return End(ref body, output);
    }

    public static int RequestFloor(Span<byte> output, int id, string channel) => OneChannel(output, id, "RequestFloor", channel);

    public static int ReleaseFloor(Span<byte> output, int id, string channel) => OneChannel(output, id, "ReleaseFloor", channel);

    private static int OneChannel(Span<byte> output, int id, string method, string channel)
    {
        var body = Begin(stackalloc byte[256], id, method);
        body.Array(1);
        body.Text(channel);
        return End(ref body, output);
    }

    // [type, headers, invocation id, target, arguments, stream ids]
    private static MessagePackText Begin(Span<byte> buffer, int id, string method)
    {
        var body = new MessagePackText(buffer);
        body.Array(6);
        body.Number(Invocation);
        body.Map(0);
        body.Text($"{id}");
        body.Text(method);
        return body;
    }

    private static int End(ref MessagePackText body, Span<byte> output)
    {
        body.Array(0);
        int at = 0;
        for (int left = body.Length; ; left >>= 7)
        {
            bool isLast = left < 0x80;
            output[at++] = (byte)(isLast ? left : left & 0x7F | 0x80);
            if (isLast) break;
        }

        System.Diagnostics.Debug.Assert(at <= LengthBytesMax, "A hub message is below 2 MB.");
        body.Written.CopyTo(output[at..]);
        return at + body.Length;
    }
}
