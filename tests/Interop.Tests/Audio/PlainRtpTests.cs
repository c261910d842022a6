using System.Net;
using System.Net.Sockets;
using Comms.Media.Audio;
using Comms.Media.Node;
using Comms.Media.Numbers;
using Comms.Media.Session;
using Comms.Media.Wire.Rtp;
using Comms.Support;
using Xunit;
using Xunit.Abstractions;

namespace Comms.Interop.Tests.Audio;

/// <summary>
/// Plain-RTP legs and the transcoder against strangers: ffmpeg and GStreamer hear us and we hear ffmpeg. Our side runs on its
/// own time, so that a busy machine slows the test down and changes nothing else.
/// </summary>
[Trait("Category", "Interop")]
public sealed class PlainRtpTests(ITestOutputHelper output) : IDisposable
{
    private const double ClipSeconds = 6;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly Instant Start = new(1_000_000_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("comms-rtp-").FullName;

    [Theory]
    [InlineData(RtpLegCodec.Pcma, 20)]
    [InlineData(RtpLegCodec.Pcmu, 20)]
    [InlineData(RtpLegCodec.Pcma, 60)]
    public async Task Ffmpeg_hears_a_browser_through_our_leg(RtpLegCodec codec, int ptimeMs)
    {
        int port = FreePorts.EvenUdp();
        string heard = Path.Combine(_folder, "heard.wav");
        string sdp = Path.Combine(_folder, "leg.sdp");
        (int payloadType, string name) = codec == RtpLegCodec.Pcma ? (8, "PCMA") : (0, "PCMU");
        await File.WriteAllTextAsync(
            sdp, $"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP {payloadType}\r\na=rtpmap:{payloadType} {name}/8000\r\n");
        using var ffmpeg = new StrangerProcess(
            "ffmpeg", "-nostdin", "-loglevel", "warning", "-protocol_whitelist", "file,udp,rtp", "-i", sdp, "-t", "5.8", "-y", heard);
        await ffmpeg.WaitForUdpPortAsync(port);
        await TalkAsync(SpeechClips.Responder, codec, ptimeMs, port, () => ffmpeg.HasExited);
        await ffmpeg.WaitForExitAsync();
        AssertSame(Clip(SpeechClips.Responder, 5.5), WavFile.Read(heard), ffmpeg.Output);
    }

    [Fact]
    public async Task GStreamer_hears_a_browser_through_our_leg()
    {
        int port = FreePorts.EvenUdp();
        string heard = Path.Combine(_folder, "heard.wav");
        using var gstreamer = new StrangerProcess(
            "gst-launch-1.0", "-q", "udpsrc", $"port={port}", "address=127.0.0.1", "num-buffers=295",
            "caps=application/x-rtp,media=audio,clock-rate=8000,encoding-name=PCMA,payload=8",
            "!", "rtpjitterbuffer", "!", "rtppcmadepay", "!", "alawdec", "!", "wavenc", "!", "filesink", $"location={heard}");
        await gstreamer.WaitForUdpPortAsync(port);
        await TalkAsync(SpeechClips.Officer, RtpLegCodec.Pcma, 20, port, () => gstreamer.HasExited);
        await gstreamer.WaitForExitAsync();
        AssertSame(Clip(SpeechClips.Officer, 5.5), WavFile.Read(heard), gstreamer.Output);
    }

    [Theory]
    [InlineData("pcm_alaw", RtpLegCodec.Pcma)]
    [InlineData("pcm_mulaw", RtpLegCodec.Pcmu)]
    public async Task A_browser_hears_ffmpeg_through_our_leg(string encoder, RtpLegCodec codec)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int localPort = FreePorts.EvenUdp();
        int opusPort = FreePorts.EvenUdp();
        string heard = Path.Combine(_folder, "heard.wav");
        string sdp = Path.Combine(_folder, "opus.sdp");
        await File.WriteAllTextAsync(
            sdp, $"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {opusPort} RTP/AVP 111\r\na=rtpmap:111 opus/48000/2\r\n");
        using var listener = new StrangerProcess(
            "ffmpeg", "-nostdin", "-loglevel", "warning", "-protocol_whitelist", "file,udp,rtp", "-i", sdp, "-t", "5.6", "-ac", "1", "-y", heard);
        await listener.WaitForUdpPortAsync(opusPort);
        int port = ((IPEndPoint)socket.Client.LocalEndPoint!).Port;
        using var talker = new StrangerProcess(
            "ffmpeg", "-nostdin", "-loglevel", "warning", "-re", "-stream_loop", "-1", "-i", SpeechClips.Dispatcher, "-ar", "8000", "-ac", "1",
            "-c:a", encoder, "-f", "rtp", $"rtp://127.0.0.1:{port}?localrtpport={localPort}");
        var leg = new RtpLeg(Parameters(codec, localPort, 20), new RtpLegIdentity(1, 1, 1), new RtpLegSettings(), Start);
        await ListenAsync(socket, leg, codec, opusPort, () => listener.HasExited);
        await listener.WaitForExitAsync();
        Assert.Equal(0, leg.Drops[DropReason.ForeignSource]);
        AssertSame(Clip(SpeechClips.Dispatcher, 5.3), WavFile.Read(heard), listener.Output);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A browser says the clip over and over, until the stranger has heard enough: Opus packets every 20 ms, through the channel's
    // transcoder, out of the leg.
    private static async Task TalkAsync(string clip, RtpLegCodec codec, int ptimeMs, int port, Func<bool> isOver)
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var encoder = new OpusEncoder(48_000, 24_000);
        short[] pcm = Clip(clip, ClipSeconds).ToPcm16();
        var settings = new RtpLegSettings { KeepAliveMs = 600_000 };
        var leg = new RtpLeg(Parameters(codec, port, ptimeMs), new RtpLegIdentity(0x5EED, 65_500, 4_294_960_000), settings, Start);
        using var transcoder = new ChannelTranscoder(new LegSink(leg));
        using var limit = new CancellationTokenSource(Limit);
        using var ticks = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        byte[] packet = new byte[1_275];
        int frames = pcm.Length / 960;
        Instant now = Start;
        for (int tick = 0; !isOver(); tick++, now = now.AddMs(5))
        {
            int frame = tick / 4;
            if (tick % 4 == 0)
            {
                int bytes = encoder.Encode(pcm.AsSpan(frame % frames * 960, 960), packet);
                transcoder.HandleOpus(packet.AsSpan(0, bytes), (uint)frame * 960, frame == 0, new BurstId(1), now);
            }

            transcoder.HandleTimeout(now);
            Transmit(leg, socket);
            await ticks.WaitForNextTickAsync(limit.Token);
        }
    }

    private static void Transmit(RtpLeg leg, UdpClient socket)
    {
        Span<byte> buffer = stackalloc byte[RtpLeg.MaxDatagramBytes];
        while (leg.TryPollTransmit(buffer, out RtpLegTransmit transmit))
        {
            if (!transmit.FromRtcpSocket) socket.Send(buffer[..transmit.Bytes], transmit.Destination.ToIPEndPoint());
        }
    }

    // The leg's speech goes through the channel's transcoder and out again as Opus over RTP.
    private static async Task ListenAsync(UdpClient socket, RtpLeg leg, RtpLegCodec codec, int opusPort, Func<bool> isOver)
    {
        using var transcoder = new ChannelTranscoder(new OpusSink(socket, opusPort));
        using var limit = new CancellationTokenSource(Limit);
        G711Law law = codec == RtpLegCodec.Pcma ? G711Law.ALaw : G711Law.MuLaw;
        uint? first = null;
        while (!isOver())
        {
            UdpReceiveResult datagram = await socket.ReceiveAsync(limit.Token);
            TransportAddress source = TransportAddress.From(datagram.RemoteEndPoint);
            if (!leg.HandleDatagram(datagram.Buffer, source, Start, out RtpLegFrame frame)) continue;
            first ??= frame.Timestamp;
            Instant now = Start.AddMs((frame.Timestamp - first.Value) / 8);
            transcoder.HandleTimeout(now);
            transcoder.HandleG711(law, frame.Payload, frame.Timestamp, frame.Marker, new BurstId(1), now);
        }
    }

    private static RtpLegParameters Parameters(RtpLegCodec codec, int port, int ptimeMs) => new()
    {
        Codec = codec, Remote = new IPEndPoint(IPAddress.Loopback, port), LocalAddress = IPAddress.Loopback, PtimeMs = ptimeMs,
    };

    private static WavFile Clip(string path, double seconds) => WavFile.Read(path).Part(0, seconds);

    private void AssertSame(WavFile said, WavFile heard, string words)
    {
        SpeechSimilarity similarity = SpeechComparison.Compare(said, heard);
        output.WriteLine($"{similarity}");
        Assert.True(similarity.IsSameSpeech, $"{similarity} {words}");
    }

    private sealed class LegSink(RtpLeg leg) : IChannelSpeechSink
    {
        public void OnG711(in G711Frame frame, Instant now) =>
            leg.Send(frame.Codes(leg.Parameters.Codec == RtpLegCodec.Pcma ? G711Law.ALaw : G711Law.MuLaw), frame.Timestamp, frame.Marker, now);

        public void OnOpus(in OpusFrame frame, Instant now) => Assert.Fail("A browser talks.");
    }

    private sealed class OpusSink(UdpClient socket, int port) : IChannelSpeechSink
    {
        private ushort _sequence;

        public void OnG711(in G711Frame frame, Instant now) => Assert.Equal(160, frame.ALaw.Length);

        public void OnOpus(in OpusFrame frame, Instant now)
        {
            byte[] datagram = new byte[RtpHeader.Bytes + frame.Packet.Length];
            new RtpHeader(111, frame.Marker, _sequence++, frame.Timestamp, 77).Write(datagram);
            frame.Packet.CopyTo(datagram.AsSpan(RtpHeader.Bytes));
            socket.Send(datagram, new IPEndPoint(IPAddress.Loopback, port));
        }
    }
}
