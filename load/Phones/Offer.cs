using System.Text;
using Comms.Media.Crypto.Dtls;

namespace Comms.Phones;

/// <summary>The voice offer of a phone page: what a Chromium offers for four audio slots after the page's changes to it, but for candidates.</summary>
internal static class Offer
{
    private const int Slots = 4;

    public static string Write(string ufrag, string password, uint ssrc, DtlsFingerprint fingerprint)
    {
        string hash = string.Join(':', fingerprint.Hash.Select(value => value.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));
        var text = new StringBuilder(4_096);
        text.Append("v=0\r\no=- 8154200121292451482 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2 3\r\n");
        text.Append("a=extmap-allow-mixed\r\na=msid-semantic: WMS\r\n");
        for (int slot = 0; slot < Slots; slot++)
        {
            text.Append("m=audio 9 UDP/TLS/RTP/SAVPF 111 63\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n");
            text.Append("a=ice-ufrag:").Append(ufrag).Append("\r\na=ice-pwd:").Append(password).Append("\r\na=ice-options:trickle\r\n");
            text.Append("a=fingerprint:sha-256 ").Append(hash).Append("\r\na=setup:actpass\r\na=mid:").Append(slot).Append("\r\n");
            text.Append("a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n");
            text.Append(slot == 0 ? "a=sendrecv\r\na=msid:- voice\r\n" : "a=recvonly\r\n");
            text.Append("a=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\n");
            text.Append("a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\n");
            if (slot == 0) text.Append("a=ssrc:").Append(ssrc).Append(" cname:phone\r\na=ssrc:").Append(ssrc).Append(" msid:- voice\r\n");
        }

        return text.ToString();
    }
}
