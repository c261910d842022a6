using System.Net;
using Comms.Signaling.Sip;
using Comms.Support;
using Xunit;

namespace Comms.Interop.Tests.Sip;

/// <summary>Debian's linphonec against the SIP side alone: a stranger that answers SHA-256 challenges (RFC 8760).</summary>
[Trait("Category", "Interop")]
public sealed class LinphoneTests
{
    [Theory]
    [InlineData("SHA-256")]
    [InlineData("SHA-256, MD5")]
    [InlineData("MD5, SHA-256")]
    public async Task A_phone_registers_calls_and_hangs_up_whatever_the_challenges(string digest)
    {
        await using var host = new SipTestHost(new SipOptions { Digest = digest });
        await using var phone = LinphonePhone.Start(host.Address, "gw1", "secret");
        await UntilAsync("it is registered", () => host.Registered.GetValueOrDefault("gw1") == 1, phone);
        await phone.DialAsync("7000", host.Address);
        await UntilAsync("it is in the channel", () => host.Joined == 1 && phone.Output.Contains(" connected.", StringComparison.Ordinal), phone);
        await phone.HangUpAsync();
        await UntilAsync("the call is over", () => host.Joined == 0 && host.Endpoint.Calls == 0, phone);
    }

    [Fact]
    public async Task A_phone_registers_and_calls_over_tls_and_refuses_another_servers_certificate()
    {
        using var own = new LocalhostCertificate();
        using var other = new LocalhostCertificate();
        await using var host = new SipTestHost(certificate: own);
        var server = new DnsEndPoint("localhost", host.Endpoint.TlsAddresses[0].Port);
        await using (var phone = LinphonePhone.StartSecured(server, "gw1", "secret", other.PemFile))
        {
            await UntilAsync("its handshake is broken off", () => phone.Output.Contains("SSL handshake failed", StringComparison.Ordinal), phone);
            Assert.Equal(0, host.Endpoint.Counters.Received);
        }

        await using (var phone = LinphonePhone.StartSecured(server, "gw1", "secret", own.PemFile))
        {
            await UntilAsync("it is registered", () => host.Registered.GetValueOrDefault("gw1") == 1, phone);
            await phone.DialAsync("7000", server);
            await UntilAsync("it is in the channel", () => host.Joined == 1 && phone.Output.Contains(" connected.", StringComparison.Ordinal), phone);
            await phone.HangUpAsync();
            await UntilAsync("the call is over", () => host.Joined == 0 && host.Endpoint.Calls == 0, phone);
        }
    }

    [Fact]
    public async Task A_wrong_password_is_refused_with_sha_256_too()
    {
        await using var host = new SipTestHost(new SipOptions { Digest = "SHA-256" });
        await using var phone = LinphonePhone.Start(host.Address, "gw1", "guess");
        await UntilAsync("it is refused", () => host.Refused.Contains("gw1"), phone);
        Assert.Empty(host.Registered);
    }

    private static async Task UntilAsync(string what, Func<bool> condition, LinphonePhone phone)
    {
        try
        {
            await Eventually.TrueAsync(condition, what);
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message}\n{phone.Output}");
        }
    }
}
