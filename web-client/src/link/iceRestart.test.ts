import { describe, expect, it } from "vitest";
import { restartFragment, withCredentials } from "./iceRestart";

const offer = ["v=0", "a=group:BUNDLE 0 1", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=ice-ufrag:new", "a=ice-pwd:secret", "a=mid:0", "m=audio 9 x 8", "a=ice-ufrag:new", ""].join("\r\n");

describe("an ICE restart", () => {
  it("sends the new offer's credentials under its first section", () => {
    expect(restartFragment(offer).split("\r\n")).toEqual([
      "a=group:BUNDLE 0 1", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:0", "a=ice-ufrag:new", "a=ice-pwd:secret", "",
    ]);
  });

  it("puts the server's credentials into every section of the former answer", () => {
    const answer = "m=video\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\nm=audio\r\na=ice-ufrag:a\r\na=ice-pwd:b\r\n";
    expect(withCredentials(answer, "a=ice-lite\r\na=ice-ufrag:c\r\na=ice-pwd:d\r\n")).toBe(
      "m=video\r\na=ice-ufrag:c\r\na=ice-pwd:d\r\nm=audio\r\na=ice-ufrag:c\r\na=ice-pwd:d\r\n",
    );
    expect(withCredentials(answer, "a=ice-ufrag:c\r\n")).toBeNull();
  });
});
