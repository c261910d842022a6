using System.Runtime.Intrinsics;
using System.Security.Cryptography;
using Comms.Media.Crypto.Gcm;

namespace Comms.Media.Crypto;

/// <summary>What a session key is for. RFC 3711 §4.3.1 and §4.3.2.</summary>
public enum SrtpKeyLabel : byte
{
    RtpEncryption = 0,
    RtpAuthentication = 1,
    RtpSalt = 2,
    RtcpEncryption = 3,
    RtcpAuthentication = 4,
    RtcpSalt = 5,
}

/// <summary>Session keys from a master key by AES in counter mode, key derivation rate 0. RFC 3711 §4.3.3, RFC 7714 §11.</summary>
public static class SrtpKeyDerivation
{
    private const int BlockBytes = 16;

    /// <summary>Byte of the counter block that the label falls on: 7 bytes from the right of the 14-byte salt.</summary>
    private const int LabelAt = 7;

    /// <summary>Fills <paramref name="derived"/>. A 12-byte salt (AEAD) is padded with zeros on the right to 14.</summary>
    public static void Derive(SrtpMasterKey master, SrtpKeyLabel label, Span<byte> derived)
    {
        using var aes = new KeyedBlock(master.Key);
        Span<byte> counter = stackalloc byte[BlockBytes];
        counter.Clear();
        master.Salt.CopyTo(counter);
        counter[LabelAt] ^= (byte)label;
        Span<byte> block = stackalloc byte[BlockBytes];
        for (int at = 0; at < derived.Length; at += BlockBytes)
        {
            counter[BlockBytes - 1] = (byte)(at / BlockBytes);
            aes.Encrypt(counter, block);
            block[..Math.Min(BlockBytes, derived.Length - at)].CopyTo(derived[at..]);
        }
    }

    /// <summary>AES-128 of single blocks: by the processor where it can, because 20,000 phones derive 160,000 keys.</summary>
    private unsafe ref struct KeyedBlock
    {
        private readonly Aes? _aes;
        private AesGcmKey _key;

        public KeyedBlock(scoped ReadOnlySpan<byte> key)
        {
            if (AesGcmKey.IsSupported)
            {
                fixed (AesGcmKey* expanded = &_key) AesGcmKey.Expand(key, expanded);
                return;
            }

            _aes = Aes.Create();
            _aes.SetKey(key);
        }

        public void Encrypt(scoped ReadOnlySpan<byte> block, scoped Span<byte> encrypted)
        {
            if (_aes is not null)
            {
                _aes.EncryptEcb(block, encrypted, PaddingMode.None);
                return;
            }

            fixed (AesGcmKey* key = &_key) AesGcmKey.EncryptBlock(key, Vector128.Create(block)).CopyTo(encrypted);
        }

        public void Dispose()
        {
            _aes?.Dispose();
            fixed (AesGcmKey* key = &_key) AesGcmKey.Clear(key);
        }
    }
}
