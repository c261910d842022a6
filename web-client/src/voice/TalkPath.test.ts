import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { closingSilenceMs, TalkPath } from "./TalkPath";

const microphone = { id: "microphone" } as MediaStreamTrack;
const silence = { id: "silence" } as MediaStreamTrack;

let sent: (string | null)[];
let talk: TalkPath;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  talk = new TalkPath({
    microphone: () => microphone,
    silence: () => silence,
    send: async (track) => {
      sent.push(track?.id ?? null);
    },
  });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("a burst on the wire", () => {
  it("ends with silence, then nothing is sent", async () => {
    talk.begin();
    talk.end();
    const ended = talk.ended();
    expect(sent).toEqual(["microphone", "silence"]);
    vi.advanceTimersByTime(closingSilenceMs);
    await ended;
    expect(sent).toEqual(["microphone", "silence", null]);
  });

  it("that follows at once takes the silence's place", async () => {
    talk.begin();
    talk.end();
    const ended = talk.ended();
    talk.begin();
    await ended;
    vi.advanceTimersByTime(10 * closingSilenceMs);
    expect(sent).toEqual(["microphone", "silence", "microphone"]);
  });

  it("takes a microphone that opens late, and an idle phone takes none", () => {
    talk.renew();
    talk.begin();
    talk.renew();
    expect(sent).toEqual([null, "microphone", "microphone"]);
  });

  it("is not ended twice", () => {
    talk.begin();
    talk.end();
    const ended = talk.ended();
    talk.end();
    expect(talk.ended()).toBe(ended);
    expect(sent).toEqual(["microphone", "silence"]);
  });
});
