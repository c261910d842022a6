using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Comms.Grains.Storage;

/// <summary>
/// AES-256-GCM with a random nonce. Sealed bytes: version (1), key id (4, big-endian), nonce (12), tag (16), ciphertext.
/// The first key seals, all keys open, so that a key can be replaced while old values are still readable.
/// </summary>
public sealed class AesGcmSecretBox : ISecretBox
{
    public const int KeyBytes = 32;

    private const byte Version = 1;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + 4 + NonceBytes + TagBytes;

    private readonly IReadOnlyList<SecretKey> _keys;

    public AesGcmSecretBox(IReadOnlyList<SecretKey> keys)
    {
        ArgumentOutOfRangeException.ThrowIfZero(keys.Count);
        foreach (SecretKey key in keys)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(key.Key.Length, KeyBytes);
        }

        _keys = keys;
    }

    public byte[] Seal(ReadOnlySpan<byte> plain, string purpose)
    {
        SecretKey key = _keys[0];
        var output = new byte[HeaderBytes + plain.Length];
        output[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(output.AsSpan(1), key.Id);
        Span<byte> nonce = output.AsSpan(5, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key.Key, TagBytes);
        aes.Encrypt(nonce, plain, output.AsSpan(HeaderBytes), output.AsSpan(5 + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(purpose));
        return output;
    }

    public bool TryOpen(ReadOnlySpan<byte> sealedBytes, string purpose, out byte[] plain)
    {
        plain = [];
        if (sealedBytes.Length < HeaderBytes || sealedBytes[0] != Version)
        {
            return false;
        }

        uint id = BinaryPrimitives.ReadUInt32BigEndian(sealedBytes[1..]);
        SecretKey? key = _keys.FirstOrDefault(k => k.Id == id);
        if (key is null)
        {
            return false;
        }

        var opened = new byte[sealedBytes.Length - HeaderBytes];
        using var aes = new AesGcm(key.Key, TagBytes);
        try
        {
            aes.Decrypt(
                sealedBytes.Slice(5, NonceBytes), sealedBytes[HeaderBytes..], sealedBytes.Slice(5 + NonceBytes, TagBytes),
                opened, Encoding.UTF8.GetBytes(purpose));
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        plain = opened;
        return true;
    }
}
