using System.Globalization;
using System.Text;

namespace Comms.Phones.Sip;

/// <summary>What the generator needs of a message that came: read by searching, since the sender is known to write well.</summary>
internal readonly record struct SipReply(string Text)
{
    public static SipReply Read(ReadOnlySpan<byte> datagram) => new(Encoding.Latin1.GetString(datagram));

    /// <summary>0 for a request.</summary>
    public int Status => Text.StartsWith("SIP/2.0 ", StringComparison.Ordinal) && Text.Length > 11
        && int.TryParse(Text.AsSpan(8, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status) ? status : 0;

    /// <summary>The number and method of CSeq, "2 INVITE".</summary>
    public string CSeq => Header("CSeq");

    public string CallId => Header("Call-ID");

    /// <summary>The first challenge's nonce: servers put what they prefer first.</summary>
    public string Nonce => Between(Text, "nonce=\"", '"');

    public string Realm => Between(Text, "realm=\"", '"');

    public string ToTag => Between(Header("To"), ";tag=", ';');

    public string Contact => Between(Header("Contact"), "<", '>');

    /// <summary>The port of the first audio section; 0 when there is none.</summary>
    public ushort AudioPort => ushort.TryParse(Between(Text, "\r\nm=audio ", ' '), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : (ushort)0;

    /// <summary>The connection address of the session.</summary>
    public string AudioAddress => Between(Text, "\r\nc=IN IP4 ", '\r');

    public string Header(string name) => Between(Text, $"\r\n{name}: ", '\r');

    /// <summary>The 200 that this request gets.</summary>
    public string Answer()
    {
        var answer = new StringBuilder("SIP/2.0 200 OK\r\n");
        foreach (string name in (string[])["Via", "From", "To", "Call-ID", "CSeq"])
            answer.Append(name).Append(": ").Append(Header(name)).Append("\r\n");
        return answer.Append("Content-Length: 0\r\n\r\n").ToString();
    }

    private static string Between(string text, string before, char end)
    {
        int at = text.IndexOf(before, StringComparison.Ordinal);
        if (at < 0) return "";
        at += before.Length;
        int stop = text.IndexOf(end, at);
        return stop < 0 ? text[at..] : text[at..stop];
    }
}
