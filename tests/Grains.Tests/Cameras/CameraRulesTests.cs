using Comms.Grains.Cameras;
using Comms.Grains.Contracts;
using Xunit;

namespace Comms.Grains.Tests.Cameras;

/// <summary>What a camera's source may be.</summary>
public sealed class CameraRulesTests
{
    [Theory]
    [InlineData("rtsp://10.0.0.5:554/Streaming/1", true)]
    [InlineData("https://cam.example/live.m3u8", true)]
    [InlineData("srt://10.0.0.5:9000?streamid=1", true)]
    [InlineData("rtsp://[fd00::5]/1", true)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("concat:/etc/passwd|/etc/shadow", false)]
    [InlineData("-i /etc/passwd", false)]
    [InlineData("rtsp:///1", false)]
    [InlineData("rtsp://user:secret@10.0.0.5/1", false)]
    [InlineData("", false)]
    public void Source_is_a_network_url_without_credentials(string url, bool isValid) =>
        Assert.Equal(isValid, CameraRules.Check(new CameraSource(url)) is null);

    [Theory]
    [InlineData(23.0, 113.7, 90.0, true)]
    [InlineData(null, null, null, true)]
    [InlineData(91.0, 0.0, 0.0, false)]
    [InlineData(0.0, 181.0, 0.0, false)]
    [InlineData(0.0, 0.0, 360.0, false)]
    [InlineData(double.NaN, 0.0, 0.0, false)]
    public void Place_is_checked(double? latitude, double? longitude, double? heading, bool isValid) =>
        Assert.Equal(isValid, CameraRules.Check("c", new CameraDefinition("c", "桥", "Bridge", "east", "police", latitude, longitude, heading)) is null);
}
