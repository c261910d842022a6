using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

public sealed class Rfc4475Tests
{
    private static readonly (string Name, string Section, int Status, string Text)[] Vectors =
        [.. Rfc4475Syntax.Valid, .. Rfc4475Syntax.Invalid, .. Rfc4475Vectors.All];

    public static TheoryData<string> Names => new(Vectors.Select(vector => vector.Name));

    [Fact]
    public void Every_message_of_the_document_is_tried() => Assert.Equal(49, Vectors.DistinctBy(vector => vector.Name).Count() + 1);

    // §3.1.2.13 is refused after the account is proven, because nobody else is told anything about contacts.
    [Fact]
    public void A_contact_with_a_question_mark_and_without_brackets_gets_400()
    {
        var bench = new SipServerBench();
        var refusal = bench.Exchange("REGISTER", extra: "Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E");
        Assert.Equal(400, refusal.Status);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_torture_message_gets_the_answer_of_its_section(string name)
    {
        var bench = new SipServerBench();
        var vector = Vectors.Single(candidate => candidate.Name == name);
        bench.ReceiveOctets(SipSamples.Octets(vector.Text));
        // The refusal of a malformed header copies it, so it is not read again here.
        var answer = bench.Server.TryPollTransmit(out var transmit) ? System.Text.Encoding.Latin1.GetString(transmit.Octets.Span) : "SIP/2.0 000";
        Assert.Equal($"{vector.Status:D3}", answer[8..11]);
        Assert.False(bench.Server.TryPollTransmit(out _));
        Assert.Equal(200, bench.Exchange("OPTIONS").Status);
    }

    [Fact]
    public void An_unknown_extension_is_named_in_the_answer()
    {
        var bench = new SipServerBench();
        bench.ReceiveOctets(SipSamples.Octets(Text("bext01")));
        Assert.Equal("nothingSupportsThis, nothingSupportsThisEither", bench.Final().Headers.First("Unsupported"));
    }

    [Fact]
    public void A_contact_parameter_belongs_to_the_header_without_brackets_and_to_the_uri_within()
    {
        var outside = ContactOf("cparam01");
        Assert.True(outside.Parameters.Contains("unknownparam"));
        Assert.False(outside.Uri.Parameters.Contains("unknownparam"));
        Assert.True(ContactOf("cparam02").Uri.Parameters.Contains("unknownparam"));
        Assert.Equal("Route=%3Csip:sip.example.com%3E", ContactOf("regescrt").Uri.Headers);
    }

    private static string Text(string name) => Rfc4475Vectors.All.Single(vector => vector.Name == name).Text;

    private static NameAddr ContactOf(string name)
    {
        Assert.True(SipSamples.Parse(Text(name)).TryGetAddresses(SipHeaderNames.Contact, out var contacts));
        return Assert.Single(contacts);
    }
}
