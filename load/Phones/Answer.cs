using System.Globalization;
using System.Net;
using Comms.Media.Crypto.Dtls;
using Comms.Phones.Io;

namespace Comms.Phones;

/// <summary>What a phone needs of the server's answer: where to, with which credentials, and the SSRC of its first slot.</summary>
internal sealed record Answer(string Ufrag, string Password, DtlsFingerprint Fingerprint, Endpoint Server, uint Ssrc)
{
    /// <summary>Reads the first section's lines; null when one of them is missing.</summary>
    /// <param name="isWanted">Picks among the server's IPv4 candidates; the first wanted one is taken.</param>
    public static Answer? Read(string sdp, Func<IPAddress, bool> isWanted)
    {
        string? ufrag = Value(sdp, "a=ice-ufrag:");
        string? password = Value(sdp, "a=ice-pwd:");
        string? fingerprint = Value(sdp, "a=fingerprint:sha-256 ");
        string? source = Value(sdp, "a=ssrc:");
        if (ufrag is null || password is null || fingerprint is null || source is null) return null;
        if (!uint.TryParse(source.AsSpan(0, Math.Max(0, source.IndexOf(' '))), CultureInfo.InvariantCulture, out uint ssrc)) return null;
        return Candidate(sdp, isWanted) is { } server
            ? new Answer(ufrag, password, new DtlsFingerprint("sha-256", Convert.FromHexString(fingerprint.Replace(":", ""))), server, ssrc)
            : null;
    }

    private static Endpoint? Candidate(string sdp, Func<IPAddress, bool> isWanted)
    {
        foreach (string line in sdp.Split("\r\n"))
        {
            if (!line.StartsWith("a=candidate:", StringComparison.Ordinal)) continue;
            string[] words = line.Split(' ');
            if (words.Length < 6 || !IPAddress.TryParse(words[4], out var address) || address.GetAddressBytes().Length != 4) continue;
            if (isWanted(address) && ushort.TryParse(words[5], CultureInfo.InvariantCulture, out ushort port))
                return Endpoint.Of(new IPEndPoint(address, port));
        }

        return null;
    }

    private static string? Value(string sdp, string name)
    {
        int at = sdp.IndexOf(name, StringComparison.Ordinal);
        if (at < 0) return null;
        int end = sdp.IndexOf('\r', at);
        return end < 0 ? null : sdp[(at + name.Length)..end];
    }
}
