import { expect, it } from "vitest";
import { withAudioNack, withoutCongestionFeedback } from "./sdpOffer";

it("takes congestion feedback out of an offer and leaves everything else as it is", () => {
  const kept = [
    "v=0",
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 63",
    "a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=rtcp-fb:111 nack",
    "a=fmtp:111 minptime=10;useinbandfec=1",
    "",
  ];
  const offered = [
    ...kept.slice(0, 3),
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "a=extmap:3/sendonly http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "a=rtcp-fb:111 transport-cc",
    "a=rtcp-fb:111 goog-remb",
    ...kept.slice(3),
  ];
  expect(withoutCongestionFeedback(offered.join("\r\n"))).toBe(kept.join("\r\n"));
});

it("asks for lost packets of Opus, and of nothing else", () => {
  const offer = "a=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n";
  expect(withAudioNack(offer)).toBe("a=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 nack\r\na=rtpmap:63 red/48000/2\r\n");
});
