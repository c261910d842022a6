using System.Text;
using Comms.Signaling.Sip.Message;

namespace Comms.Signaling.Sip;

/// <summary>Reads the key out of an INFO: <c>application/dtmf-relay</c> ("Signal=5") and <c>application/dtmf</c> ("5"). Pure.</summary>
public static class DtmfInfo
{
    private const string Keys = "0123456789*#ABCD";

    /// <summary>The code of RFC 4733 §3.2: 0–9, 10 for the star, 11 for the pound sign, 12–15 for A–D. False: not a key.</summary>
    public static bool TryRead(string contentType, ReadOnlySpan<byte> body, out byte code)
    {
        code = 0;
        if (!MediaType.TryParse(contentType, out var type) || body.Length > 256)
        {
            return false;
        }

        var text = Encoding.Latin1.GetString(body);
        var signal = type.Is("application", "dtmf-relay") ? SignalOf(text) : type.Is("application", "dtmf") ? text.Trim() : "";
        var at = signal.Length == 1 ? Keys.IndexOf(char.ToUpperInvariant(signal[0]))
            : signal.Length == 2 && byte.TryParse(signal, out var number) && number < Keys.Length ? number : -1;
        code = (byte)Math.Max(at, 0);
        return at >= 0;
    }

    private static string SignalOf(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            var equals = line.IndexOf('=');
            if (equals > 0 && line.AsSpan(0, equals).Trim().Equals("Signal", StringComparison.OrdinalIgnoreCase))
            {
                return line[(equals + 1)..].Trim();
            }
        }

        return "";
    }
}
