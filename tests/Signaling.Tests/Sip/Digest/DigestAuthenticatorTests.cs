using Comms.Media.Numbers;
using Comms.Signaling.Sip.Digest;
using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Digest;

public sealed class DigestAuthenticatorTests
{
    private const string Realm = "comms.example";
    private readonly DigestAuthenticator _authenticator = new(Realm, new byte[32], nonceLifetimeMs: 60_000);
    private readonly DigestVerifiers _verifiers = new(
        DigestAlgorithm.Md5.Ha1("gw1", Realm, "secret"), DigestAlgorithm.Sha256.Ha1("gw1", Realm, "secret"));

    private Instant _now = new(5_000_000_000);

    // The worked example of RFC 7616 §3.9.1: both algorithms, user Mufasa.
    [Theory]
    [InlineData(DigestAlgorithm.Md5, "8ca523f5e9506fed4657c9700eebdbec")]
    [InlineData(DigestAlgorithm.Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1")]
    public void The_example_of_rfc_7616_is_proven(DigestAlgorithm algorithm, string response)
    {
        const string realm = "http-auth@example.org";
        var authenticator = new DigestAuthenticator(realm, new byte[32]);
        var credentials = new DigestCredentials
        {
            UserName = "Mufasa", Realm = realm, Nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", Uri = "/dir/index.html",
            Response = response, Algorithm = algorithm, Qop = "auth", NonceCount = 1, NonceCountText = "00000001",
            Cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        };
        var verifiers = new DigestVerifiers(
            DigestAlgorithm.Md5.Ha1("Mufasa", realm, "Circle of Life"), DigestAlgorithm.Sha256.Ha1("Mufasa", realm, "Circle of Life"));
        Assert.Equal(DigestVerdict.Proven, authenticator.Verify(credentials, "GET", verifiers, _now));
        Assert.Equal(DigestVerdict.Stale, authenticator.Verify(credentials, "GET", verifiers, _now));
        Assert.Equal(DigestVerdict.Wrong, authenticator.Verify(credentials, "POST", verifiers, _now));
    }

    [Theory]
    [InlineData(DigestAlgorithm.Md5)]
    [InlineData(DigestAlgorithm.Sha256)]
    public void The_right_password_is_proven(DigestAlgorithm algorithm) =>
        Assert.Equal(DigestVerdict.Proven, Try(Nonce(), algorithm: algorithm));

    [Fact]
    public void A_challenge_offers_sha256_first()
    {
        var challenges = Challenge().Headers.All(SipHeaderNames.WwwAuthenticate).ToList();
        Assert.Contains("algorithm=SHA-256", challenges[0], StringComparison.Ordinal);
        Assert.Contains("algorithm=MD5", challenges[1], StringComparison.Ordinal);
        Assert.All(challenges, challenge => Assert.Contains("qop=\"auth\"", challenge, StringComparison.Ordinal));
    }

    [Fact]
    public void A_wrong_password_and_an_unknown_account_are_refused_alike()
    {
        Assert.Equal(DigestVerdict.Wrong, Try(Nonce(), password: "guess"));
        Assert.Equal(DigestVerdict.Wrong, Try(Nonce(), isKnown: false));
    }

    [Fact]
    public void A_replayed_count_is_stale_and_a_later_one_is_not()
    {
        var nonce = Nonce();
        Assert.Equal(DigestVerdict.Proven, Try(nonce, count: 2));
        Assert.Equal(DigestVerdict.Stale, Try(nonce, count: 2));
        Assert.Equal(DigestVerdict.Proven, Try(nonce, count: 1));
        Assert.Equal(DigestVerdict.Stale, Try(nonce, count: 1));
        Assert.Equal(DigestVerdict.Proven, Try(nonce, count: 100));
        Assert.Equal(DigestVerdict.Stale, Try(nonce, count: 3));
    }

    [Fact]
    public void A_nonce_expires_and_a_foreign_one_is_never_taken()
    {
        var nonce = Nonce();
        _now = _now.AddMs(60_001);
        Assert.Equal(DigestVerdict.Stale, Try(nonce));
        var other = new DigestAuthenticator(Realm, [1, 2, 3]);
        var response = SipResponse.For(SipSamples.Request("REGISTER"), 401);
        other.Challenge(response, isStale: false, _now);
        Assert.Equal(DigestVerdict.Stale, Try(NonceOf(response)));
        Assert.Equal(DigestVerdict.Stale, Try("AAAA"));
        Assert.Equal(DigestVerdict.Stale, Try(new string('!', 43)));
    }

    [Fact]
    public void Credentials_for_another_target_or_realm_do_not_count()
    {
        Assert.Equal(DigestVerdict.Malformed, Try(Nonce(), uri: "sip:other.example"));
        Assert.Equal(DigestVerdict.Absent, _authenticator.Inspect(Request("Digest realm=\"x\", username=\"a\", nonce=\"b\", uri=\"c\", response=\"d\""), _now, out _));
        Assert.Equal(DigestVerdict.Absent, _authenticator.Inspect(Request("Bearer abc"), _now, out _));
        Assert.Equal(DigestVerdict.Malformed, _authenticator.Inspect(Request("Digest realm=\"x\""), _now, out _));
    }

    [Fact]
    public void The_count_table_is_bounded_and_forgets()
    {
        var table = new NonceCountTable(lifetimeMs: 1000, capacity: 2);
        Assert.True(table.TrySpend("a", 1, _now));
        Assert.True(table.TrySpend("b", 1, _now));
        Assert.False(table.TrySpend("c", 1, _now));
        Assert.True(table.TrySpend("c", 1, _now.AddMs(1000)));
        Assert.Equal(1, table.Count);
    }

    private DigestVerdict Try(
        string nonce, DigestAlgorithm algorithm = DigestAlgorithm.Sha256, string password = "secret", uint count = 1, bool isKnown = true,
        string uri = "sip:7000@192.0.2.1")
    {
        var value = DigestClient.Authorize("REGISTER", uri, Realm, nonce, ("gw1", password), algorithm, count);
        var verdict = _authenticator.Inspect(Request(value), _now, out var credentials);
        return verdict != DigestVerdict.Proven ? verdict : _authenticator.Verify(credentials!, "REGISTER", isKnown ? _verifiers : null, _now);
    }

    private static SipRequest Request(string authorization) => SipSamples.Request("REGISTER", extra: "Authorization: " + authorization);

    private SipResponse Challenge()
    {
        var response = SipResponse.For(SipSamples.Request("REGISTER"), 401);
        _authenticator.Challenge(response, isStale: false, _now);
        return response;
    }

    private string Nonce() => NonceOf(Challenge());

    private static string NonceOf(SipResponse response) => DigestClient.NonceOf(response);
}
