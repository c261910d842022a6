using System.Security.Cryptography;
using Comms.Media.Crypto.Gcm;
using Comms.Media.Crypto.OpenSsl;
using Xunit;

namespace Comms.Media.Tests.Crypto;

/// <summary>AES-128-GCM by the processor and by OpenSSL: published vectors, and .NET's own on random input of every length.</summary>
public sealed class GcmKeyTests
{
    private const int TagBytes = 16;

    /// <summary>By the processor where it can, and always what takes its place elsewhere.</summary>
    public static TheoryData<bool> Ways => AesGcmKey.IsSupported ? new(true, false) : new(false);

    [Theory]
    [MemberData(nameof(Ways))]
    public void Vectors_of_the_GCM_specification_hold(bool byProcessor)
    {
        // Appendix B of the specification submitted to NIST, test cases 1 to 4.
        Check(byProcessor, "00000000000000000000000000000000", "000000000000000000000000", "", "", "", "58E2FCCEFA7E3061367F1D57A4E7455A");
        Check(byProcessor, "00000000000000000000000000000000", "000000000000000000000000", "", "00000000000000000000000000000000",
            "0388DACE60B6A392F328C2B971B2FE78", "AB6E47D42CEC13BDF53A67B21257BDDF");
        const string Plain = "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657BA637B391AAFD255";
        const string Sealed = "42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E21D514B25466931C7D8F6A5AAC84AA051BA30B396A0AAC973D58E091473F5985";
        Check(byProcessor, "FEFFE9928665731C6D6A8F9467308308", "CAFEBABEFACEDBADDECAF888", "", Plain, Sealed, "4D5C2AF327CD64A62CF35ABD2BA6FAB4");
        Check(byProcessor, "FEFFE9928665731C6D6A8F9467308308", "CAFEBABEFACEDBADDECAF888", "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2", Plain[..120], Sealed[..120],
            "5BC94FBC3221A5DB94FAE95AE7121A47");
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Every_length_is_as_NET_seals_it_and_opens_again(bool byProcessor)
    {
        var random = new Random(7_714);
        for (int length = 0; length <= 1_300; length++)
        {
            byte[] keyBytes = Bytes(random, 16);
            byte[] nonce = Bytes(random, 12);
            byte[] associated = Bytes(random, length % 3 == 0 ? 12 : random.Next(60));
            byte[] plain = Bytes(random, length);
            byte[] expected = SealByNet(keyBytes, nonce, associated, plain);
            byte[] buffer = [.. plain, .. new byte[TagBytes]];
            using var key = Make(byProcessor, keyBytes, encrypt: true);
            using var opening = Make(byProcessor, keyBytes, encrypt: false);

            key.Seal(nonce, associated, buffer, length);

            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(buffer));
            Assert.True(opening.Open(nonce, associated, buffer, length));
            Assert.Equal(Convert.ToHexString(plain), Convert.ToHexString(buffer.AsSpan(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void One_wrong_bit_anywhere_is_refused(bool byProcessor)
    {
        var random = new Random(1);
        byte[] keyBytes = Bytes(random, 16);
        byte[] nonce = Bytes(random, 12);
        byte[] associated = Bytes(random, 12);
        byte[] packet = SealByNet(keyBytes, nonce, associated, Bytes(random, 75));
        using var key = Make(byProcessor, keyBytes, encrypt: false);
        for (int bit = 0; bit < packet.Length * 8; bit++)
        {
            byte[] damaged = [.. packet];
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(key.Open(nonce, associated, damaged, 75));
        }

        for (int bit = 0; bit < associated.Length * 8; bit++)
        {
            byte[] damaged = [.. associated];
            damaged[bit / 8] ^= (byte)(1 << bit % 8);
            Assert.False(key.Open(nonce, damaged, [.. packet], 75));
        }

        Assert.True(key.Open(nonce, associated, [.. packet], 75));
    }

    private static void Check(bool byProcessor, string keyHex, string nonceHex, string associatedHex, string plainHex, string sealedHex, string tagHex)
    {
        byte[] plain = Convert.FromHexString(plainHex);
        byte[] buffer = [.. plain, .. new byte[TagBytes]];
        using var key = Make(byProcessor, Convert.FromHexString(keyHex), encrypt: true);
        key.Seal(Convert.FromHexString(nonceHex), Convert.FromHexString(associatedHex), buffer, plain.Length);
        Assert.Equal(sealedHex + tagHex, Convert.ToHexString(buffer));
    }

    private static IGcmKey Make(bool byProcessor, byte[] key, bool encrypt) => byProcessor ? new NativeGcmKey(key) : CipherContext.CreateGcm(key, encrypt);

    private static byte[] SealByNet(byte[] key, byte[] nonce, byte[] associated, byte[] plain)
    {
        using var gcm = new AesGcm(key, TagBytes);
        byte[] result = new byte[plain.Length + TagBytes];
        gcm.Encrypt(nonce, plain, result.AsSpan(0, plain.Length), result.AsSpan(plain.Length), associated);
        return result;
    }

    private static byte[] Bytes(Random random, int count)
    {
        byte[] bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }
}
