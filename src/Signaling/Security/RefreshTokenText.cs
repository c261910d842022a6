using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Comms.Signaling.Security;

/// <summary>The text of a refresh token: "r1.ACCOUNT.SECRET", both base64url; 32 random bytes. Stored only as its SHA-256.</summary>
public static class RefreshTokenText
{
    private const string Version = "r1";
    private const int SecretBytes = 32;

    /// <summary>Longer texts are refused unread.</summary>
    private const int MaxLength = 512;

    public static string Create(string accountId) =>
        $"{Version}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(accountId))}.{Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(SecretBytes))}";

    /// <summary>Which account the text claims to be of; only the store can say whether it is.</summary>
    public static bool TryReadAccount(string text, out string accountId)
    {
        accountId = "";
        if (text.Length > MaxLength) return false;
        string[] parts = text.Split('.');
        if (parts.Length != 3 || parts[0] != Version) return false;
        if (!Base64Url.IsValid(parts[1]) || !Base64Url.IsValid(parts[2], out int secretBytes) || secretBytes != SecretBytes) return false;
        accountId = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1]));
        return accountId.Length > 0;
    }

    /// <summary>Lower-case hex, as stored.</summary>
    public static string Sha256(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
