using System.Text;
using System.Text.Json;
using Comms.Signaling.Api;
using Comms.Support;
using Xunit;

namespace Comms.Signaling.Tests.Api;

public sealed class BodyTests
{
    private const string Unit = """{"callSign":"P-1","nameZh":"王伟","nameEn":"Wang Wei","service":"police","townId":"east","priority":3}""";
    private const string Camera = """
        {"nameZh":"桥","nameEn":"Bridge","townId":"east","department":"police","latitudeDeg":23.02,"longitudeDeg":113.7,"headingDeg":90,
        "gbCode":"44190100001310000001","source":{"url":"rtsp://192.0.2.9:554/1","userName":"u","password":"p"}}
        """;
    private const string Account = """{"displayName":"Wang","role":"dispatcher","unitId":"u1","townPath":"city/east","password":"long enough"}""";
    private const string Channel = """{"nameZh":"公安","nameEn":"Police","number":"7001","kind":"service","townId":"city","talkLimitSeconds":60,"defaultRight":"none"}""";

    [Fact]
    public void A_valid_body_is_read_with_its_defaults()
    {
        Assert.True(ApiJson.TryParse(Bytes(Unit), out UnitBody? unit, out _));
        Assert.Equal("王伟", unit.NameZh);
        Assert.True(ApiJson.TryParse(Bytes("""{"displayName":"R","role":"gateway"}"""), out AccountBody? account, out _));
        Assert.Null(account.Password);
        Assert.True(ApiJson.TryParse(Bytes(Camera), out CameraBody? camera, out _));
        Assert.Equal("CameraSourceBody", camera.Source!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"callSign":null,"nameZh":"a","nameEn":"a","service":"police","townId":"east"}""")]
    [InlineData("""{"callSign":"a","nameZh":"a","nameEn":"a","service":0,"townId":"east"}""")]
    [InlineData("""{"callSign":"a","nameZh":"a","nameEn":"a","service":"navy","townId":"east"}""")]
    [InlineData("""{"callSign":"a","callSign":"b","nameZh":"a","nameEn":"a","service":"police","townId":"east"}""")]
    [InlineData("""{"callSign":"a","nameZh":"a","nameEn":"a","service":"police","townId":"EAST"}""")]
    [InlineData("""{"callSign":"a","nameZh":"a","nameEn":"a","service":"police","townId":"east","priority":16}""")]
    [InlineData("""{"callSign":"a\u0007","nameZh":"a","nameEn":"a","service":"police","townId":"east"}""")]
    [InlineData("""{"callSign":"a","nameZh":"","nameEn":"a","service":"police","townId":"east"}""")]
    public void A_bad_body_is_refused_with_a_fault(string json)
    {
        Assert.False(ApiJson.TryParse<UnitBody>(Bytes(json), out _, out BodyFaults faults));
        Assert.False(faults.IsEmpty);
    }

    [Fact]
    public void Every_fault_of_a_body_is_named_by_its_member()
    {
        _ = ApiJson.TryParse<ChannelBody>(
            Bytes("""{"nameZh":"","nameEn":"a","number":"7x","kind":"service","townId":"../x","talkLimitSeconds":-1}"""), out _, out BodyFaults faults);

        Assert.Equal(["nameZh", "number", "talkLimitSeconds", "townId"], faults.ToDictionary().Keys.Order());
    }

    [Theory]
    [InlineData("rtsp://u:p@192.0.2.1/x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("concat:/etc/passwd")]
    [InlineData("-i")]
    [InlineData("rtsp:///x")]
    [InlineData("/etc/passwd")]
    public void A_camera_source_is_a_stream_URL_without_credentials(string url)
    {
        var faults = new BodyFaults();

        new CameraSourceBody(url).Validate("source", faults);

        Assert.Contains("source.url", faults.ToDictionary().Keys);
    }

    [Fact]
    public void A_fault_never_quotes_the_input()
    {
        _ = ApiJson.TryParse<SessionBody>(Bytes("""{"userName":"wang","password":{"secret":"geheim"}}"""), out _, out BodyFaults faults);

        Assert.DoesNotContain("geheim", JsonSerializer.Serialize(faults.ToDictionary()), StringComparison.Ordinal);
    }

    [Fact]
    public void Mutated_bodies_are_read_or_refused() => Fuzz.Run(
        [Bytes(Unit), Bytes(Camera), Bytes(Account), Bytes(Channel), Bytes("""{"userName":"wang","password":"word"}""")],
        seed: 2026,
        json =>
        {
            switch (json.Length % 5)
            {
                case 0: _ = ApiJson.TryParse<UnitBody>(json, out _, out _); break;
                case 1: _ = ApiJson.TryParse<CameraBody>(json, out _, out _); break;
                case 2: _ = ApiJson.TryParse<AccountBody>(json, out _, out _); break;
                case 3: _ = ApiJson.TryParse<ChannelBody>(json, out _, out _); break;
                default: _ = ApiJson.TryParse<SessionBody>(json, out _, out _); break;
            }
        });

    private static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);
}
