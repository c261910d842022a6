import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VoiceAnswer } from "../protocol/hub";
import { slotCount } from "./PeerLink";
import { VoiceLink } from "./VoiceLink";

class FakeTransceiver {
  sent: unknown[] = [];
  readonly sender = {
    replaceTrack: async (track: unknown) => {
      this.sent.push(track);
    },
  };
  readonly receiver;
  constructor(readonly direction: string, slot: number) {
    this.receiver = { track: { id: `slot${slot}` } };
  }
  setCodecPreferences(): void {}
}

class FakePeer {
  static readonly made: FakePeer[] = [];
  readonly transceivers: FakeTransceiver[] = [];
  localDescription: { sdp: string } | null = null;
  connectionState = "new";
  onconnectionstatechange: (() => void) | null = null;
  closed = false;

  constructor() {
    FakePeer.made.push(this);
  }
  addTransceiver(_kind: string, { direction }: { direction: string }): FakeTransceiver {
    const transceiver = new FakeTransceiver(direction, this.transceivers.length);
    this.transceivers.push(transceiver);
    return transceiver;
  }
  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }
  async createOffer(): Promise<{ sdp: string }> {
    return { sdp: "offer" };
  }
  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
  }
  async setRemoteDescription(): Promise<void> {}
  close(): void {
    this.closed = true;
  }
  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

const accepted: VoiceAnswer = { sdp: "answer", session: "s1", refusal: "", detail: "" };

let answer: () => Promise<VoiceAnswer>;
let opened: number;
let slots: number[];

function makeLink(): VoiceLink {
  return new VoiceLink(
    {
      negotiate: () => answer(),
      opened: () => {
        opened += 1;
      },
      track: (slot) => slots.push(slot),
    },
    () => 0.5,
  );
}

const newest = (): FakePeer => {
  const peer = FakePeer.made.at(-1);
  if (peer === undefined) throw new Error("no peer connection was made");
  return peer;
};

async function connected(): Promise<VoiceLink> {
  const link = makeLink();
  link.start();
  await vi.advanceTimersByTimeAsync(0);
  newest().become("connected");
  return link;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", globalThis);
  vi.stubGlobal("RTCPeerConnection", FakePeer);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => ({ codecs: [{ mimeType: "audio/opus" }] }) });
  FakePeer.made.length = 0;
  answer = async () => accepted;
  opened = 0;
  slots = [];
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the voice link", () => {
  it("offers one slot to talk and the others to listen, and reports every slot's track", async () => {
    const link = await connected();
    expect(newest().transceivers.map((transceiver) => transceiver.direction)).toEqual([
      "sendrecv",
      "recvonly",
      "recvonly",
      "recvonly",
    ]);
    expect(slots).toEqual([...Array(slotCount).keys()]);
    expect(opened).toBe(1);
    expect(link.state.get()).toEqual({ name: "connected" });
  });

  it.each(["failed", "disconnected", "closed"])("replaces a peer connection that is %s", async (state) => {
    const link = await connected();
    const dead = newest();
    dead.become(state);
    expect(dead.closed).toBe(true);
    expect(link.state.get().name).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakePeer.made).toHaveLength(2);
    newest().become("connected");
    expect(link.state.get().name).toBe("connected");
    expect(opened).toBe(2);
  });

  it("replaces a session that the server ended, and ignores news of a former one", async () => {
    const link = await connected();
    link.ended("s0", "timeout");
    expect(link.state.get().name).toBe("connected");
    link.ended("s1", "timeout");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakePeer.made).toHaveLength(2);
  });

  it("tries for ever, ever more slowly, while the server refuses", async () => {
    answer = async () => ({ sdp: "", session: "", refusal: "full", detail: "" });
    const link = makeLink();
    link.start();
    await vi.advanceTimersByTimeAsync(60_000);
    const tries = FakePeer.made.length;
    expect(tries).toBeGreaterThan(6);
    expect(tries).toBeLessThan(20);
    expect(FakePeer.made.slice(0, -1).every((peer) => peer.closed)).toBe(true);
    answer = async () => accepted;
    await vi.advanceTimersByTimeAsync(8_000);
    newest().become("connected");
    expect(link.state.get().name).toBe("connected");
  });

  it("gives up on a path that never connects", async () => {
    const link = makeLink();
    link.start();
    await vi.advanceTimersByTimeAsync(11_000);
    expect(FakePeer.made).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(FakePeer.made).toHaveLength(2);
    expect(link.state.get().name).toBe("reconnecting");
  });

  it("plays on without the hub, but opens nothing until the next hello", async () => {
    const link = await connected();
    link.pause();
    expect(newest().closed).toBe(false);
    newest().become("failed");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(FakePeer.made).toHaveLength(1);
    expect(link.state.get().name).toBe("off");
    link.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(FakePeer.made).toHaveLength(2);
  });

  it("puts a track on the talking slot and takes it off again", async () => {
    const link = await connected();
    await link.send(null);
    expect(newest().transceivers[0]?.sent).toEqual([null]);
    expect(newest().transceivers[1]?.sent).toEqual([]);
  });
});
