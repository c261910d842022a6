using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Comms.Signaling.Security;

/// <summary>
/// PBKDF2-HMAC-SHA-512 password verifiers (RFC 8018 §5.2) as text: "pbkdf2-sha512$iterations$salt$hash", base64url.
/// </summary>
public static class PasswordHash
{
    private const string Scheme = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>A stored count above this is a damaged or hostile record and would stall the sign-in.</summary>
    private const int IterationsAccepted = 10_000_000;

    public static string Create(string password, int iterations)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] hash = Derive(password, salt, iterations);
        return $"{Scheme}${iterations}${Base64Url.EncodeToString(salt)}${Base64Url.EncodeToString(hash)}";
    }

    /// <summary>False for a wrong password and for a text that is no verifier. Takes the same time for every wrong password.</summary>
    public static bool Verify(string password, string verifier) =>
        TryParse(verifier, out int iterations, out byte[] salt, out byte[] hash)
        && CryptographicOperations.FixedTimeEquals(Derive(password, salt, iterations), hash);

    /// <summary>True when the verifier is weaker than what new ones get.</summary>
    public static bool IsOutdated(string verifier, int iterations) =>
        !TryParse(verifier, out int used, out _, out _) || used < iterations;

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA512, HashBytes);

    private static bool TryParse(string verifier, out int iterations, out byte[] salt, out byte[] hash)
    {
        (iterations, salt, hash) = (0, [], []);
        string[] parts = verifier.Split('$');
        if (parts.Length != 4 || parts[0] != Scheme) return false;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out iterations)) return false;
        if (iterations is < 1 or > IterationsAccepted) return false;
        if (!Base64Url.IsValid(parts[2]) || !Base64Url.IsValid(parts[3])) return false;
        (salt, hash) = (Base64Url.DecodeFromChars(parts[2]), Base64Url.DecodeFromChars(parts[3]));
        return hash.Length == HashBytes;
    }
}
