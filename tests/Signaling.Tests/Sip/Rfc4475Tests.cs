using Comms.Signaling.Sip.Message;
using Xunit;

namespace Comms.Signaling.Tests.Sip;

public sealed class Rfc4475Tests
{
    public static TheoryData<string> Names => new(Rfc4475Vectors.All.Select(vector => vector.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_torture_message_gets_the_answer_of_its_section(string name)
    {
        var bench = new SipServerBench();
        var vector = Rfc4475Vectors.All.Single(candidate => candidate.Name == name);
        bench.ReceiveOctets(SipSamples.Octets(vector.Text));
        Assert.Equal(vector.Status, bench.Sent() is SipResponse response ? response.Status : 0);
        Assert.Null(bench.Sent());
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
