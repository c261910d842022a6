using System.Diagnostics.CodeAnalysis;
using Comms.Media.Wire.Sdp;

namespace Comms.Signaling.WebRtc;

/// <summary>
/// An SDP fragment of trickle ICE, application/trickle-ice-sdpfrag (RFC 8840 §9). A lite agent needs no remote candidates, so only
/// the credentials matter: they tell an ICE restart.
/// </summary>
public sealed record TrickleFragment(string? Ufrag, string? Password)
{
    /// <summary>False: over the limits of a description, or a line that is neither a= nor m=.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TrickleFragment? fragment)
    {
        fragment = null;
        if (text.Length is 0 or > SdpParser.MaxBytes) return false;
        string? ufrag = null;
        string? password = null;
        foreach (var rawLine in text.AsSpan().EnumerateLines())
        {
            var line = rawLine.TrimEnd();
            if (line.IsEmpty) continue;
            if (line.Length > SdpParser.MaxLineChars || !(line.StartsWith("a=") || line.StartsWith("m="))) return false;
            if (line.StartsWith("a=ice-ufrag:")) ufrag ??= line["a=ice-ufrag:".Length..].ToString();
            if (line.StartsWith("a=ice-pwd:")) password ??= line["a=ice-pwd:".Length..].ToString();
        }

        fragment = new TrickleFragment(ufrag, password);
        return true;
    }

    /// <summary>True when the fragment carries other credentials than the session's. RFC 8840 §4.4 with WHEP's reading of it.</summary>
    public bool IsRestart(string remoteUfrag) => Ufrag is not null && Ufrag != remoteUfrag;
}
