/** Header extensions and feedback that a listener must not negotiate: each would make it send packets for nothing. */
const refusedExtensions = [
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "http://www.webrtc.org/experiments/rtp-hdrext/transport-wide-cc-02",
  "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
];

const refusedFeedback = ["transport-cc", "goog-remb"];

/**
 * The voice offer as sent: without transport-wide congestion control, absolute send time and REMB (RFC 8285 extmap
 * lines, RFC 4585 rtcp-fb lines). The local description keeps them; what the answer does not name is not used.
 */
export function withoutCongestionFeedback(sdp: string): string {
  return sdp
    .split("\r\n")
    .filter((line) => !isRefusedExtension(line) && !isRefusedFeedback(line))
    .join("\r\n");
}

/**
 * Asks for lost Opus packets again (RFC 4585 generic NACK), which browsers can but do not offer by themselves: one line
 * per Opus payload type.
 */
export function withAudioNack(sdp: string): string {
  return sdp
    .split("\r\n")
    .flatMap((line) => {
      const payloadType = /^a=rtpmap:(\d+) opus\/48000\/2$/i.exec(line)?.[1];
      return payloadType === undefined ? [line] : [line, `a=rtcp-fb:${payloadType} nack`];
    })
    .join("\r\n");
}

function isRefusedExtension(line: string): boolean {
  return line.startsWith("a=extmap:") && refusedExtensions.some((uri) => line.split(" ").includes(uri));
}

function isRefusedFeedback(line: string): boolean {
  return line.startsWith("a=rtcp-fb:") && refusedFeedback.includes(line.split(" ")[1] ?? "");
}
