using Comms.Media.Crypto;
using Comms.Media.Crypto.OpenSsl;
using Xunit;

namespace Comms.Media.Tests.Crypto;

/// <summary>Published vectors: RFC 3711 appendix B, RFC 7714 §16 and §17, RFC 2202, and the sample packets of libsrtp's driver.</summary>
public sealed class SrtpVectorTests
{
    private static readonly SrtpMasterKey CounterMaster = new(
        SrtpProfile.Aes128CmHmacSha1_80,
        Convert.FromHexString("E1F97A0D3E018BE0D64FA32C06DE4139"),
        Convert.FromHexString("0EC675AD498AFEEBB6960B3AABE6"));

    [Theory]
    [InlineData(SrtpKeyLabel.RtpEncryption, "C61E7A93744F39EE10734AFE3FF7A087")]
    [InlineData(SrtpKeyLabel.RtpSalt, "30CBBC08863D8C85D49DB34A9AE1")]
    [InlineData(
        SrtpKeyLabel.RtpAuthentication,
        "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC25" +
        "6D6E919A48B610EF17C2041E474035766B68642C59BBFC2F34DB60DBDFB2")]
    public void Session_keys_are_those_of_RFC_3711_B3(SrtpKeyLabel label, string expected)
    {
        byte[] derived = new byte[expected.Length / 2];
        SrtpKeyDerivation.Derive(CounterMaster, label, derived);
        Assert.Equal(expected, Convert.ToHexString(derived));
    }

    [Theory]
    [InlineData("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000", "E03EAD0935C95E80E166B16DD92B4EB4D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0")]
    [InlineData("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF", "EC8CDF7398607CB0F2D21675EA9EA1E4362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44")]
    public void Key_stream_is_that_of_RFC_3711_B2(string counter, string expected)
    {
        using var cipher = CipherContext.CreateCtr(Convert.FromHexString("2B7E151628AED2A6ABF7158809CF4F3C"));
        byte[] data = new byte[expected.Length / 2];
        cipher.AddKeyStream(Convert.FromHexString(counter), data);
        Assert.Equal(expected, Convert.ToHexString(data));
    }

    [Fact]
    public void Message_code_is_that_of_RFC_2202()
    {
        byte[] code = new byte[HmacSha1Key.DigestBytes];
        new HmacSha1Key("Jefe"u8).Compute("what do ya want for nothing?"u8, code);
        Assert.Equal("EFFCDF6AE5EB2FA2D27416D5F184DF9C259A7C79", Convert.ToHexString(code));
    }

    [Fact]
    public void Counter_mode_packet_is_that_of_libsrtp()
    {
        const string Plain = "800F1234DECAFBADCAFEBABEABABABABABABABABABABABABABABABAB";
        const string Protected = "800F1234DECAFBADCAFEBABE4E55DC4CE79978D88CA4D215949D2402B78D6ACC99EA179B8DBB";
        CheckRtp(CounterMaster, Plain, Protected);
    }

    [Fact]
    public void Counter_mode_control_packet_is_that_of_libsrtp()
    {
        const string Plain = "81C8000BCAFEBABEABABABABABABABABABABABABABABABAB";
        const string Protected = "81C8000BCAFEBABE7128035BE487B9BDBEF89041F977A5A880000001993E08CD54D6C1230798";
        using var sender = new SrtpSender(CounterMaster);
        byte[] buffer = new byte[100];
        Convert.FromHexString(Plain).CopyTo(buffer, 0);
        Assert.True(sender.TryProtectRtcp(buffer, Plain.Length / 2, out int length));
        Assert.Equal(Protected, Convert.ToHexString(buffer.AsSpan(0, length)));
        using var receiver = new SrtpReceiver(CounterMaster);
        Assert.Equal(SrtpError.None, receiver.UnprotectRtcp(buffer.AsSpan(0, length), out int plainLength));
        Assert.Equal(Plain, Convert.ToHexString(buffer.AsSpan(0, plainLength)));
    }

    [Fact]
    public void Gcm_packet_is_that_of_RFC_7714_16_1()
    {
        const string Plain =
            "8040F17B8041F8D35501A0B247616C6C696120657374206F6D6E69732064697669736120696E207061727465732074726573";
        const string Protected =
            "8040F17B8041F8D35501A0B2F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833899D7F27BEB16A9152CF765EE4390CCE";
        byte[] packet = new byte[Protected.Length / 2];
        Convert.FromHexString(Plain).CopyTo(packet, 0);
        Assert.True(SrtpHeader.TryReadRtp(packet, out var header));
        using var seal = GcmOfRfc7714(encrypt: true);
        seal.ProtectRtp(packet, header, 0xF17B);
        Assert.Equal(Protected, Convert.ToHexString(packet));
        using var open = GcmOfRfc7714(encrypt: false);
        Assert.True(open.UnprotectRtp(packet, header, 0xF17B));
        Assert.Equal(Plain, Convert.ToHexString(packet.AsSpan(0, Plain.Length / 2)));
    }

    [Fact]
    public void Gcm_control_packet_is_that_of_RFC_7714_17_1()
    {
        const string Plain =
            "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";
        const string Protected =
            "81C8000D4D61727363E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA45896CF4D2FC5ABF872" +
            "45D9EADE800005D4";
        byte[] packet = new byte[Protected.Length / 2];
        Convert.FromHexString(Plain).CopyTo(packet, 0);
        using var seal = GcmOfRfc7714(encrypt: true);
        seal.ProtectRtcp(packet, 0x4D617273, 0x5D4);
        Assert.Equal(Protected, Convert.ToHexString(packet));
        using var open = GcmOfRfc7714(encrypt: false);
        Assert.True(open.UnprotectRtcp(packet, 0x4D617273, open.ReadRtcpIndexWord(packet)));
        Assert.Equal(Plain, Convert.ToHexString(packet.AsSpan(0, Plain.Length / 2)));
    }

    private static SrtpGcmCipher GcmOfRfc7714(bool encrypt) =>
        new(Convert.FromHexString("000102030405060708090A0B0C0D0E0F"), "Quid pro quo"u8, encrypt);

    private static void CheckRtp(SrtpMasterKey master, string plain, string expected)
    {
        using var sender = new SrtpSender(master);
        byte[] buffer = new byte[200];
        Convert.FromHexString(plain).CopyTo(buffer, 0);
        Assert.True(sender.TryProtect(buffer, plain.Length / 2, out int length));
        Assert.Equal(expected, Convert.ToHexString(buffer.AsSpan(0, length)));
        using var receiver = new SrtpReceiver(master);
        Assert.Equal(SrtpError.None, receiver.Unprotect(buffer.AsSpan(0, length), out int plainLength));
        Assert.Equal(plain, Convert.ToHexString(buffer.AsSpan(0, plainLength)));
    }
}
