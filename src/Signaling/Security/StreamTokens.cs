using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Comms.Grains.Contracts;
using Comms.Media.Node.Streams;
using Comms.Signaling.Hosting;

namespace Comms.Signaling.Security;

/// <summary>What a stream token says: who may do what with which camera until when.</summary>
public sealed record StreamGrant(StreamUse Use, string CameraId, string AccountId, DateTimeOffset IssuedAt, DateTimeOffset ExpiresAt);

/// <summary>
/// Signs and verifies stream tokens, "CLAIMS.MAC": the claims are base64url, the mac is their HMAC-SHA-256. RTSP takes the claims as
/// user name and the mac as password, so that digest needs no list of tokens. A viewer's ends with its account's sign-out; a publisher's
/// stays in a drone or an encoder and ends with its time, its account or its camera. Thread-safe, nothing is stored.
/// </summary>
public sealed class StreamTokens(SigningKeys keys, IDirectoryIndex directory, TimeProvider time)
{
    /// <summary>Longer texts are refused unread.</summary>
    private const int MaxLength = 1024;

    private const string Version = "s1";

    /// <summary>The year 9999.</summary>
    private const long LatestSeconds = 253_402_300_799;

    public string Create(StreamUse use, string cameraId, string accountId, DateTimeOffset expiresAt)
    {
        string claims = string.Create(CultureInfo.InvariantCulture,
            $"{Version}|{(int)use}|{cameraId}|{accountId}|{time.GetUtcNow().ToUnixTimeMilliseconds()}|{expiresAt.ToUnixTimeSeconds()}");
        string userName = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims));
        return $"{userName}.{Sign(userName, keys.NewestBytes)}";
    }

    /// <summary>False: not one of ours, over, or of an account that may no longer use it.</summary>
    public bool TryVerify(string token, [NotNullWhen(true)] out StreamGrant? grant)
    {
        grant = null;
        int dot = token.Length > MaxLength ? -1 : token.LastIndexOf('.');
        return dot > 0 && TryVerify(token[..dot], token[(dot + 1)..], out grant);
    }

    public bool TryVerify(string userName, string password, [NotNullWhen(true)] out StreamGrant? grant)
    {
        grant = null;
        byte[] given = Encoding.UTF8.GetBytes(password);
        bool isOurs = false;
        foreach (byte[] key in keys.AllBytes)
            isOurs |= CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(Sign(userName, key)));
        return isOurs && TryRead(userName, out grant);
    }

    /// <summary>The passwords that belong to these claims, newest first; empty when they do not hold now.</summary>
    public IReadOnlyList<string> PasswordsOf(string userName) =>
        TryRead(userName, out _) ? [.. keys.AllBytes.Reverse().Select(key => Sign(userName, key))] : [];

    private static string Sign(string userName, byte[] key) =>
        Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes("stream:" + userName)));

    private bool TryRead(string userName, [NotNullWhen(true)] out StreamGrant? grant)
    {
        grant = null;
        if (userName.Length > MaxLength || !Base64Url.IsValid(userName)) return false;
        string[] claims = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(userName)).Split('|');
        if (claims.Length != 6 || claims[0] != Version || !Enum.TryParse(claims[1], out StreamUse use) || !Enum.IsDefined(use)) return false;
        if (!TryReadNumber(claims[4], LatestSeconds * 1000, out long issuedMs) || !TryReadNumber(claims[5], LatestSeconds, out long expiresSeconds)) return false;
        var read = new StreamGrant(
            use, claims[2], claims[3], DateTimeOffset.FromUnixTimeMilliseconds(issuedMs), DateTimeOffset.FromUnixTimeSeconds(expiresSeconds));
        bool isHeld = read.ExpiresAt > time.GetUtcNow() && directory.FindAccount(read.AccountId) is { } account
            && Roles.Holds(account, AccountRole.Dispatcher)
            && (read.Use == StreamUse.Publish || !AccessTokens.IsSignedOut(account, read.IssuedAt));
        grant = isHeld ? read : null;
        return isHeld;
    }

    private static bool TryReadNumber(string text, long latest, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number < latest;
}
