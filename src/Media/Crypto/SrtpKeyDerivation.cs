using System.Security.Cryptography;

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
        using var aes = Aes.Create();
        aes.Key = master.Key;
        Span<byte> counter = stackalloc byte[BlockBytes];
        counter.Clear();
        master.Salt.CopyTo(counter);
        counter[LabelAt] ^= (byte)label;
        Span<byte> block = stackalloc byte[BlockBytes];
        for (int at = 0; at < derived.Length; at += BlockBytes)
        {
            counter[BlockBytes - 1] = (byte)(at / BlockBytes);
            aes.EncryptEcb(counter, block, PaddingMode.None);
            block[..Math.Min(BlockBytes, derived.Length - at)].CopyTo(derived[at..]);
        }
    }
}
