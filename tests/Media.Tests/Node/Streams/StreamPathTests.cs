using System.Text;
using Comms.Media.Node.Streams;
using Comms.Support;
using Xunit;

namespace Comms.Media.Tests.Node.Streams;

public sealed class StreamPathTests
{
    [Theory]
    [InlineData("rtsp://h:8554/live/cam1", StreamUse.View, "cam1", false, "")]
    [InlineData("rtsp://h/live/cam1/sub", StreamUse.View, "cam1", true, "")]
    [InlineData("rtsp://h/live/cam1/sub/track0", StreamUse.View, "cam1", true, "")]
    [InlineData("rtsp://h/live/cam1/track0?token=a.b", StreamUse.View, "cam1", false, "a.b")]
    [InlineData("rtsp://h/live/cam1?token=a.b/track0", StreamUse.View, "cam1", false, "a.b")]
    [InlineData("rtsp://h/publish/drone?x=1&token=a.b/streamid=0", StreamUse.Publish, "drone", false, "a.b")]
    [InlineData("/live/cam1", StreamUse.View, "cam1", false, "")]
    public void A_uri_names_use_camera_stream_and_token_wherever_the_track_stands(string uri, StreamUse use, string camera, bool isSub, string token) =>
        Assert.Equal(new StreamPath(use, camera, isSub, token), StreamPath.Parse(uri));

    [Theory]
    [InlineData("*")]
    [InlineData("rtsp://h")]
    [InlineData("rtsp://h/")]
    [InlineData("rtsp://h/live/")]
    [InlineData("rtsp://h/ingest/abc")]
    [InlineData("")]
    public void Other_uris_name_nothing(string uri) => Assert.Null(StreamPath.Parse(uri));

    [Fact]
    public void Mutated_uris_never_throw()
    {
        byte[][] corpus = [.. new[] { "rtsp://h:8554/live/cam1/sub?token=a.b/track0", "rtsp://h/publish/drone?x=1&token=a.b" }.Select(Encoding.UTF8.GetBytes)];
        Fuzz.Run(corpus, 2326, static uri => StreamPath.Parse(Encoding.UTF8.GetString(uri)));
    }
}
