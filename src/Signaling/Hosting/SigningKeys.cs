using System.Globalization;
using System.Security.Cryptography;
using Microsoft.IdentityModel.Tokens;

namespace Comms.Signaling.Hosting;

/// <summary>
/// The HMAC-SHA-256 keys of access tokens: one file per key in DATA/keys (jwt-DATE-ID.key, 32 bytes, mode 0600). The newest
/// signs, all verify; deleting a file revokes what it signed at the next start.
/// </summary>
public sealed class SigningKeys
{
    private const int KeyBytes = 32;
    private const string Prefix = "jwt-";
    private const string Suffix = ".key";
    private const string DateFormat = "yyyyMMdd";

    private readonly SymmetricSecurityKey[] _keys;

    private SigningKeys(SymmetricSecurityKey[] keys) => _keys = keys;

    /// <summary>The key that signs.</summary>
    public SymmetricSecurityKey Newest => _keys[^1];

    public IReadOnlyList<SecurityKey> All => _keys;

    /// <summary>The keys' bytes, oldest first, for what is no JWT.</summary>
    public IReadOnlyList<byte[]> AllBytes => [.. _keys.Select(key => key.Key)];

    public byte[] NewestBytes => Newest.Key;

    public static SigningKeys LoadOrCreate(string folder, int rotateAfterDays, DateTimeOffset now)
    {
        var files = Directory.GetFiles(folder, Prefix + "*" + Suffix).Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0 || MadeAt(files[^1]) < now.AddDays(-rotateAfterDays)) files.Add(Create(folder, now));
        return new SigningKeys([.. files.Select(Load).OfType<SymmetricSecurityKey>()]);
    }

    private static string Create(string folder, DateTimeOffset now)
    {
        string date = now.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture);
        string file = Path.Combine(folder, $"{Prefix}{date}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}{Suffix}");
        PrivateFile.Write(file, RandomNumberGenerator.GetBytes(KeyBytes));
        return file;
    }

    private static SymmetricSecurityKey? Load(string file)
    {
        byte[] key = File.ReadAllBytes(file);
        return key.Length == KeyBytes ? new SymmetricSecurityKey(key) { KeyId = Path.GetFileNameWithoutExtension(file) } : null;
    }

    private static DateTimeOffset MadeAt(string file)
    {
        ReadOnlySpan<char> name = Path.GetFileName(file.AsSpan())[Prefix.Length..];
        return name.Length >= DateFormat.Length && DateTimeOffset.TryParseExact(
            name[..DateFormat.Length], DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset made)
            ? made
            : DateTimeOffset.MinValue;
    }
}
