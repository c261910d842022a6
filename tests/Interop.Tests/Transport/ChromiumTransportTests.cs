using System.Text.Json;
using Comms.Browser;
using Comms.Media.Crypto;
using Comms.Media.Crypto.Dtls;
using Xunit;

namespace Comms.Interop.Tests.Transport;

/// <summary>Our STUN, ICE-lite, DTLS, SRTP and answer against the WebRTC stack of a real Chromium.</summary>
[Trait("Category", "Interop")]
public sealed class ChromiumTransportTests
{
    /// <summary>A tone as microphone, so that no permission or device is needed; slot 0 sends and receives, slot 1 only receives.</summary>
    private const string MakeOffer = """
        async () => {
          const audio = new AudioContext();
          const tone = audio.createOscillator();
          const target = audio.createMediaStreamDestination();
          tone.connect(target);
          tone.start();
          const peer = window.peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
          peer.addTransceiver(target.stream.getAudioTracks()[0], { direction: "sendrecv", streams: [target.stream] });
          peer.addTransceiver("audio", { direction: "recvonly" });
          await peer.setLocalDescription();
          return peer.localDescription.sdp;
        }
        """;

    private const string ApplyAnswer = """
        async sdp => {
          await window.peer.setRemoteDescription({ type: "answer", sdp });
          return window.peer.getTransceivers().map(transceiver => transceiver.currentDirection).join(",");
        }
        """;

    private const string ReadStats = """
        async () => {
          const found = { state: window.peer.connectionState, received: 0, reports: 0, cipher: "" };
          (await window.peer.getStats()).forEach(stats => {
            if (stats.type === "inbound-rtp") found.received += stats.packetsReceived;
            if (stats.type === "remote-inbound-rtp") found.reports += 1;
            if (stats.type === "transport") found.cipher = stats.srtpCipher || "";
          });
          return JSON.stringify(found);
        }
        """;

    [Theory]
    [InlineData(SrtpProfile.AeadAes128Gcm, "SRTP_AEAD_AES_128_GCM")]
    [InlineData(SrtpProfile.Aes128CmHmacSha1_80, "SRTP_AES128_CM_HMAC_SHA1_80")]
    public async Task Chromium_hears_its_own_voice_back(SrtpProfile profile, string cipher)
    {
        await using var chromium = await Chromium.LaunchAsync(null, "--allow-loopback-in-peer-connection", "--autoplay-policy=no-user-gesture-required");
        var page = (await chromium.OpenAsync(new Uri("http://127.0.0.1/"), "about:blank")).Page;
        await using var peer = new EchoPeer(profile);
        string offer = await page.EvaluateAsync<string>(MakeOffer);
        string directions = await page.EvaluateAsync<string>(ApplyAnswer, peer.Answer(offer));
        Assert.Equal("sendrecv,recvonly", directions);

        var found = default(Found);
        for (int attempt = 0; attempt < 150 && !(found.Received >= 100 && found.Reports > 0 && peer.RtcpReceived > 0); attempt++)
        {
            await page.WaitForTimeoutAsync(200);
            found = JsonSerializer.Deserialize<Found>(await page.EvaluateAsync<string>(ReadStats), JsonSerializerOptions.Web);
        }

        Assert.Equal(DtlsState.Connected, peer.State);
        Assert.Equal(profile, peer.Negotiated);
        Assert.Equal("connected", found.State);
        Assert.Equal(cipher, found.Cipher);
        Assert.True(found.Received >= 100, $"{found} after {peer.RtpReceived} packets from the browser");
        Assert.True(peer.RtcpReceived > 0, "no SRTCP came");
        Assert.True(found.Reports > 0, "Chromium did not take our SRTCP");
        Assert.Equal(0, peer.Refused);
    }

    private readonly record struct Found(string State, int Received, int Reports, string Cipher);
}
