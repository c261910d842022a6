using System.Globalization;
using System.Text;

namespace Comms.Signaling.Sip.Message;

/// <summary>Writes a message as octets; Content-Length is always ours and always last. Pure.</summary>
public static class SipMessageWriter
{
    public static byte[] Write(SipMessage message)
    {
        var text = new StringBuilder(1024);
        switch (message)
        {
            case SipRequest request:
                text.Append(request.Method).Append(' ').Append(request.UriText).Append(" SIP/2.0\r\n");
                break;
            case SipResponse response:
                text.Append("SIP/2.0 ").Append(response.Status).Append(' ').Append(response.Reason).Append("\r\n");
                break;
        }

        foreach (var header in message.Headers)
        {
            if (header.Name != SipHeaderNames.ContentLength)
            {
                text.Append(header.Name).Append(": ").Append(header.Value).Append("\r\n");
            }
        }

        text.Append(SipHeaderNames.ContentLength).Append(": ")
            .Append(message.Body.Length.ToString(CultureInfo.InvariantCulture)).Append("\r\n\r\n");
        var octets = new byte[text.Length + message.Body.Length];
        var at = 0;
        foreach (var chunk in text.GetChunks())
        {
            at += Encoding.Latin1.GetBytes(chunk.Span, octets.AsSpan(at));
        }

        message.Body.Span.CopyTo(octets.AsSpan(at));
        return octets;
    }
}
