using System.Security.Cryptography;
using System.Text;
using Comms.Phones.Io;

namespace Comms.Phones.Sip;

/// <summary>Who a simulated SIP phone is: its account, its own address, and what it has learned of the server's nonce.</summary>
internal sealed class SipIdentity(SipLogin login, uint address, ushort port, Endpoint server)
{
    private string _ha1 = "";
    private uint _count;

    public SipLogin Login => login;

    public uint Address => address;

    public string Nonce { get; private set; } = "";

    public string Host { get; } = $"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}";

    public string Domain { get; } = $"{server.Address >> 24}.{server.Address >> 16 & 255}.{server.Address >> 8 & 255}.{server.Address & 255}";

    public string Contact => $"<sip:{login.User}@{Host}:{port}>";

    /// <summary>A random word of 16 hexadecimal digits.</summary>
    public static string Word() => RandomNumberGenerator.GetHexString(16, lowercase: true);

    public void Learn(SipReply challenge)
    {
        if (_ha1.Length == 0) _ha1 = Hash($"{login.User}:{challenge.Realm}:{login.Password}");
        Realm = challenge.Realm;
        Nonce = challenge.Nonce;
        _count = 0;
    }

    /// <summary>The request's first lines up to CSeq, with a new branch.</summary>
    public StringBuilder Begin(string method, string uri, SipDialogIds ids) => new StringBuilder(900)
        .Append(method).Append(' ').Append(uri).Append(" SIP/2.0\r\nVia: SIP/2.0/UDP ").Append(Host).Append(':').Append(port)
        .Append(";branch=").Append(ids.Branch).Append(";rport\r\nMax-Forwards: 70\r\nFrom: <sip:").Append(login.User).Append('@').Append(Domain)
        .Append(">;tag=").Append(ids.LocalTag).Append("\r\nTo: <sip:").Append(ids.ToUser).Append('@').Append(Domain).Append('>')
        .Append(ids.RemoteTag.Length > 0 ? $";tag={ids.RemoteTag}" : "").Append("\r\nCall-ID: ").Append(ids.CallId)
        .Append("\r\nCSeq: ").Append(ids.Sequence).Append(' ').Append(method).Append("\r\n");

    /// <summary>Adds the proof, once a challenge was learned. RFC 7616 with MD5, which phones still speak most.</summary>
    public void Prove(StringBuilder request, string method, string uri)
    {
        if (Nonce.Length == 0) return;
        string nc = (++_count).ToString("x8", System.Globalization.CultureInfo.InvariantCulture);
        string response = Hash($"{_ha1}:{Nonce}:{nc}:0a4f113b:auth:{Hash($"{method}:{uri}")}");
        request.Append("Authorization: Digest username=\"").Append(login.User).Append("\", realm=\"").Append(Realm).Append("\", nonce=\"").Append(Nonce)
            .Append("\", uri=\"").Append(uri).Append("\", response=\"").Append(response)
            .Append("\", algorithm=MD5, qop=auth, nc=").Append(nc).Append(", cnonce=\"0a4f113b\"\r\n");
    }

    private string Realm { get; set; } = "";

    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.Latin1.GetBytes(text)));
}

/// <summary>What names a request in its dialog.</summary>
internal sealed record SipDialogIds(string ToUser, string CallId, string LocalTag, string RemoteTag, uint Sequence)
{
    public string Branch { get; } = "z9hG4bK" + SipIdentity.Word();
}
