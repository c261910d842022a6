using System.Security.Cryptography;
using System.Text;

namespace Comms.Signaling.Sip.Digest;

/// <summary>Hash functions of RFC 7616 §6.1 and RFC 8760 that this server offers.</summary>
public enum DigestAlgorithm
{
    Sha256,
    Md5,
}

/// <summary>Names and hashes of <see cref="DigestAlgorithm"/>.</summary>
public static class DigestAlgorithms
{
    public static string Name(this DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? "SHA-256" : "MD5";

    /// <summary>An absent algorithm is MD5 (RFC 7616 §3.3).</summary>
    public static bool TryParse(string? name, out DigestAlgorithm algorithm)
    {
        algorithm = "SHA-256".Equals(name, StringComparison.OrdinalIgnoreCase) ? DigestAlgorithm.Sha256 : DigestAlgorithm.Md5;
        return algorithm == DigestAlgorithm.Sha256 || name is null || name.Equals("MD5", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Lower-case hexadecimal hash of the UTF-8 text.</summary>
    public static string Hash(this DigestAlgorithm algorithm, string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        return Convert.ToHexStringLower(algorithm == DigestAlgorithm.Sha256 ? SHA256.HashData(octets) : MD5.HashData(octets));
    }

    /// <summary>The stored verifier: H(user:realm:password). RFC 7616 §3.4.2.</summary>
    public static string Ha1(this DigestAlgorithm algorithm, string userName, string realm, string password) =>
        algorithm.Hash($"{userName}:{realm}:{password}");
}
