using Comms.Signaling.Sip;
using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip.Registration;

public sealed class RegistrarTests
{
    private readonly SipServerBench _bench = new();
    private uint _cseq = 1;

    [Fact]
    public void A_contact_is_bound_for_the_time_asked_and_expires()
    {
        var response = Register("Expires: 120");
        Assert.Equal(200, response.Status);
        Assert.Equal("<sip:gw1@192.0.2.77:40001>;expires=120", response.Headers.First("Contact"));
        Assert.Single(_bench.Event<BindingsChanged>().Bindings);
        _bench.Wait(119_000);
        Assert.Single(_bench.Server.Registrar.Bindings("gw1"));
        _bench.Wait(1_000);
        Assert.Empty(_bench.Event<BindingsChanged>().Bindings);
        Assert.Equal(0, _bench.Server.Registrar.Accounts);
    }

    [Fact]
    public void A_refresh_prolongs_and_changes_nothing_else()
    {
        Register("Expires: 120");
        _bench.Event<BindingsChanged>();
        _bench.Wait(100_000);
        Assert.Equal(200, Register("Expires: 120").Status);
        Assert.False(_bench.HasEvent<BindingsChanged>());
        _bench.Wait(100_000);
        Assert.Single(_bench.Server.Registrar.Bindings("gw1"));
    }

    [Theory]
    [InlineData("Expires: 30", 423, "")]
    [InlineData("Expires: 100000", 200, "expires=3600")]
    [InlineData("Expires: soon", 200, "expires=3600")]
    [InlineData("X: y", 200, "expires=3600")]
    [InlineData("Contact: <sip:b@192.0.2.9>;expires=90\nExpires: 500", 200, "expires=90")]
    [InlineData("Contact: <sip:b@192.0.2.9>;expires=4294967296", 200, "expires=3600")]
    [InlineData("Contact: <mailto:a@b>", 400, "")]
    [InlineData("Contact: *\nExpires: 0", 400, "")]
    public void Expiry_rules_are_kept(string extra, int expected, string contact)
    {
        var response = Register(extra);
        Assert.Equal(expected, response.Status);
        if (contact.Length > 0)
        {
            Assert.Contains(response.Headers.All("Contact"), value => value.Contains(contact, StringComparison.Ordinal));
        }

        if (expected == 423)
        {
            Assert.Equal("60", response.Headers.First("Min-Expires"));
        }
    }

    [Fact]
    public void Several_contacts_are_kept_listed_and_removed_together_by_a_star()
    {
        Register("Contact: <sip:second@192.0.2.9:5070>;q=0.5");
        Assert.Equal(2, _bench.Event<BindingsChanged>().Bindings.Count);
        var query = Send(SipSamples.Request("REGISTER"), contact: null, expires: null);
        Assert.Equal(2, query.Headers.All("Contact").Count());
        Assert.Equal(200, Send(SipSamples.Request("REGISTER"), "*", "0").Status);
        Assert.Empty(_bench.Event<BindingsChanged>().Bindings);
    }

    [Fact]
    public void A_contact_with_expires_0_is_removed_alone()
    {
        Register("Contact: <sip:second@192.0.2.9:5070>");
        Assert.Equal(200, Send(SipSamples.Request("REGISTER"), "<sip:second@192.0.2.9:5070>;expires=0", null).Status);
        var left = Assert.Single(_bench.Server.Registrar.Bindings("gw1"));
        Assert.Equal("gw1", left.Contact.Uri.User);
    }

    [Fact]
    public void An_account_cannot_register_for_another()
    {
        Assert.Equal(403, _bench.Exchange("REGISTER", "gw1", to: "gw2").Status);
        Assert.Equal(0, _bench.Server.Registrar.Accounts);
    }

    [Fact]
    public void More_contacts_than_allowed_are_refused_as_a_whole()
    {
        var bench = new SipServerBench(new SipOptions { MaxContacts = 2 });
        var response = bench.Exchange("REGISTER", extra: "Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>");
        Assert.Equal(403, response.Status);
        Assert.Equal(0, bench.Server.Registrar.Accounts);
    }

    [Fact]
    public void An_older_register_of_the_same_call_id_is_refused()
    {
        _cseq = 10;
        Register("Expires: 120");
        Assert.Equal(500, _bench.Exchange("REGISTER", cseq: 5).Status);
    }

    private SipResponse Register(string extra)
    {
        _cseq += 2;
        return _bench.Exchange("REGISTER", extra: extra, cseq: _cseq);
    }

    private SipResponse Send(SipRequest template, string? contact, string? expires)
    {
        _cseq += 2;
        SipRequest Shape(SipRequest request)
        {
            request.Headers.Remove(SipHeaderNames.Contact);
            request.Headers.Set(SipHeaderNames.To, "<sip:gw1@192.0.2.1>");
            if (contact is not null)
            {
                request.Headers.Add(SipHeaderNames.Contact, contact);
            }

            if (expires is not null)
            {
                request.Headers.Add(SipHeaderNames.Expires, expires);
            }

            return request;
        }

        _bench.Receive(Shape(SipSamples.Request(template.Method, SipServerBench.Branch(_cseq, "call-1"), _cseq)));
        _bench.Receive(Shape(_bench.Authorized("REGISTER", _bench.Final(), "gw1", "secret", "", _cseq + 1, "call-1", "sip:7000@192.0.2.1")));
        return _bench.Final();
    }
}
