using System.Globalization;
using Comms.Media.Crypto.Dtls;

namespace Comms.Phones.Viewers;

/// <summary>The offer of a page's camera tile: one recvonly video section with H.264 and its retransmissions.</summary>
internal static class ViewerOffer
{
    public const byte PayloadType = 102;

    public static string Write(string ufrag, string password, DtlsFingerprint fingerprint)
    {
        string hash = string.Join(':', fingerprint.Hash.Select(value => value.ToString("X2", CultureInfo.InvariantCulture)));
        return "v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\na=msid-semantic: WMS\r\n"
            + $"m=video 9 UDP/TLS/RTP/SAVPF {PayloadType} 103\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n"
            + $"a=ice-ufrag:{ufrag}\r\na=ice-pwd:{password}\r\na=ice-options:trickle\r\na=fingerprint:sha-256 {hash}\r\na=setup:actpass\r\n"
            + "a=mid:0\r\na=recvonly\r\na=rtcp-mux\r\na=rtcp-rsize\r\n"
            + $"a=rtpmap:{PayloadType} H264/90000\r\na=rtcp-fb:{PayloadType} nack\r\na=rtcp-fb:{PayloadType} nack pli\r\n"
            + $"a=fmtp:{PayloadType} level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f\r\n"
            + $"a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt={PayloadType}\r\n";
    }
}
