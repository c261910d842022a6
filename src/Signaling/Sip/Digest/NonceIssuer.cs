using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Comms.Media.Numbers;

namespace Comms.Signaling.Sip.Digest;

/// <summary>What a nonce turned out to be.</summary>
public enum NonceVerdict
{
    Fresh,

    /// <summary>Ours, but too old: the peer may try again with a new one without asking its user.</summary>
    Expired,

    /// <summary>Not ours, or of an earlier run of the server.</summary>
    Foreign,
}

/// <summary>
/// Issues nonces that need no memory: time of issue (8 octets), random (8), HMAC-SHA-256 over both cut to 16, in base64url.
/// </summary>
public sealed class NonceIssuer(byte[] key, int lifetimeMs)
{
    private const int PlainBytes = 16;
    private const int NonceBytes = 32;

    public int LifetimeMs => lifetimeMs;

    public string Issue(Instant now)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        BinaryPrimitives.WriteInt64BigEndian(nonce, now.Milliseconds);
        RandomNumberGenerator.Fill(nonce[8..PlainBytes]);
        Sign(nonce[..PlainBytes], nonce[PlainBytes..]);
        return Base64Url.EncodeToString(nonce);
    }

    /// <summary>Judges a nonce; <paramref name="issued"/> is valid unless it is foreign.</summary>
    public NonceVerdict Check(string text, Instant now, out Instant issued)
    {
        issued = default;
        Span<byte> nonce = stackalloc byte[NonceBytes];
        // The Try variant throws on characters outside the alphabet.
        if (text.Length != 43 || Base64Url.DecodeFromChars(text, nonce, out _, out var written) != OperationStatus.Done || written != NonceBytes)
        {
            return NonceVerdict.Foreign;
        }

        Span<byte> mac = stackalloc byte[NonceBytes - PlainBytes];
        Sign(nonce[..PlainBytes], mac);
        if (!CryptographicOperations.FixedTimeEquals(mac, nonce[PlainBytes..]))
        {
            return NonceVerdict.Foreign;
        }

        issued = new Instant(BinaryPrimitives.ReadInt64BigEndian(nonce) * 1_000_000);
        return now.MsSince(issued) <= lifetimeMs ? NonceVerdict.Fresh : NonceVerdict.Expired;
    }

    private void Sign(ReadOnlySpan<byte> plain, Span<byte> mac)
    {
        Span<byte> full = stackalloc byte[32];
        HMACSHA256.HashData(key, plain, full);
        full[..mac.Length].CopyTo(mac);
    }
}
