using Comms.Media.Wire.Rtsp;
using Xunit;

namespace Comms.Media.Tests.Wire.Rtsp;

public sealed class RtspAuthenticatorTests
{
    private static readonly RtspCredentials Account = new("Mufasa", "Circle of Life");

    /// <summary>RFC 7616 §3.9.1, both algorithms; method and URI are those of the example.</summary>
    [Theory]
    [InlineData("MD5", "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void The_published_example_comes_out(string algorithm, string response)
    {
        var digest = RtspDigest.Compute(
            Account, "http-auth@example.org", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "GET", "/dir/index.html", algorithm == "SHA-256",
            new RtspDigestProtection("f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "00000001"));
        Assert.Equal(response, digest);
    }

    [Fact]
    public void The_strongest_challenge_is_answered()
    {
        var authenticator = new RtspAuthenticator(Account, "c0");
        Assert.True(authenticator.TryTake(Challenge("Basic realm=\"r\"", "Digest realm=\"r\", nonce=\"n\"", "Digest realm=\"r\", nonce=\"m\", algorithm=SHA-256, qop=\"auth\", opaque=\"o\"")));
        var header = authenticator.Authorize("DESCRIBE", "rtsp://h/1")!;
        Assert.Contains("nonce=\"m\"", header, StringComparison.Ordinal);
        Assert.Contains("algorithm=SHA-256", header, StringComparison.Ordinal);
        Assert.Contains("opaque=\"o\"", header, StringComparison.Ordinal);
        Assert.Contains("qop=auth, nc=00000001, cnonce=\"c0\"", header, StringComparison.Ordinal);
        Assert.Contains("nc=00000002", authenticator.Authorize("SETUP", "rtsp://h/1")!, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_quality_of_protection_the_old_form_is_sent_that_our_own_server_accepts()
    {
        var authenticator = new RtspAuthenticator(Account, "c0");
        Assert.True(authenticator.TryTake(Challenge("Digest realm=\"r\", nonce=\"n\"")));
        var header = authenticator.Authorize("PLAY", "rtsp://h/1")!;
        Assert.DoesNotContain("qop", header, StringComparison.Ordinal);
        Assert.True(RtspDigest.IsValid(header, Account, "r", "n", "PLAY"));
    }

    [Fact]
    public void Basic_is_the_last_resort()
    {
        var authenticator = new RtspAuthenticator(Account, "c0");
        Assert.True(authenticator.TryTake(Challenge("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256", "Basic realm=\"r\"")));
        Assert.Equal("Basic TXVmYXNhOkNpcmNsZSBvZiBMaWZl", authenticator.Authorize("PLAY", "rtsp://h/1"));
    }

    [Fact]
    public void A_refused_account_is_not_tried_again_but_a_stale_nonce_is_renewed()
    {
        var authenticator = new RtspAuthenticator(Account, "c0");
        Assert.True(authenticator.TryTake(Challenge("Digest realm=\"r\", nonce=\"1\"")));
        Assert.False(authenticator.TryTake(Challenge("Digest realm=\"r\", nonce=\"2\"")));
        Assert.True(authenticator.TryTake(Challenge("Digest realm=\"r\", nonce=\"3\", stale=true")));
        authenticator.HasSucceeded = true;
        Assert.True(authenticator.TryTake(Challenge("Digest realm=\"r\", nonce=\"4\"")));
    }

    [Fact]
    public void Without_an_account_or_a_known_scheme_nothing_is_answered()
    {
        Assert.False(new RtspAuthenticator(null, "c0").TryTake(Challenge("Basic realm=\"r\"")));
        Assert.False(new RtspAuthenticator(Account, "c0").TryTake(Challenge("NTLM")));
        Assert.Null(new RtspAuthenticator(Account, "c0").Authorize("PLAY", "rtsp://h/1"));
    }

    private static RtspMessage Challenge(params string[] challenges)
    {
        var response = RtspMessage.Response(401, "Unauthorized", RtspMessage.Request("DESCRIBE", "rtsp://h/1", 1));
        foreach (var challenge in challenges)
        {
            response.With("WWW-Authenticate", challenge);
        }

        return response;
    }
}
