using Comms.Signaling.Security;
using Xunit;

namespace Comms.Signaling.Tests.Security;

public sealed class PasswordHashTests
{
    [Fact]
    public void A_password_is_known_again_and_another_is_not()
    {
        string verifier = PasswordHash.Create("a-b-c 莲花", 1000);

        Assert.True(PasswordHash.Verify("a-b-c 莲花", verifier));
        Assert.False(PasswordHash.Verify("a-b-c 莲", verifier));
        Assert.DoesNotContain("a-b-c", verifier, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_password_has_another_verifier_each_time() =>
        Assert.NotEqual(PasswordHash.Create("same", 1000), PasswordHash.Create("same", 1000));

    [Fact]
    public void A_verifier_with_fewer_iterations_than_new_ones_is_outdated()
    {
        string verifier = PasswordHash.Create("word", 1000);

        Assert.True(PasswordHash.IsOutdated(verifier, 1001));
        Assert.False(PasswordHash.IsOutdated(verifier, 1000));
    }

    [Theory]
    [InlineData("")]
    [InlineData("pbkdf2-sha512$1000$AAAA")]
    [InlineData("pbkdf2-sha512$0$AAAA$AAAA")]
    [InlineData("pbkdf2-sha512$-5$AAAA$AAAA")]
    [InlineData("pbkdf2-sha512$99999999999$AAAA$AAAA")]
    [InlineData("pbkdf2-sha512$1000$!!!!$AAAA")]
    [InlineData("md5$1000$AAAA$AAAA")]
    public void A_text_that_is_no_verifier_matches_nothing(string verifier) =>
        Assert.False(PasswordHash.Verify("", verifier));

    [Fact]
    public void Digest_verifiers_are_those_of_the_example_in_RFC_7616()
    {
        // RFC 7616 §3.9.1: user "Mufasa", realm "http-auth@example.org", password "Circle of Life".
        var secrets = new AccountSecrets(new SecurityOptions { PasswordIterations = 1000 }, new SipRealm("http-auth@example.org"));

        var secret = secrets.Create("Mufasa", "Circle of Life");

        Assert.Equal("3d78807defe7de2157e2b0b6573a855f", secret.Ha1Md5);
        Assert.Equal("7987c64c30e25f1b74be53f966b49b90f2808aa92faf9a00262392d7b4794232", secret.Ha1Sha256);
        Assert.Equal("AccountSecret", secret.ToString());
    }
}
