using System.Security.Cryptography;

namespace Comms.Signaling.Security;

/// <summary>Passwords that people read from a screen and type on a phone: no letters that look alike, groups of four.</summary>
public static class GeneratedPassword
{
    private const string Letters = "abcdefghjkmnpqrstuvwxyz23456789";

    /// <summary>Twelve letters, 59 bits.</summary>
    public static string Create() => string.Join('-', Enumerable.Range(0, 3).Select(_ => RandomNumberGenerator.GetString(Letters, 4)));
}
