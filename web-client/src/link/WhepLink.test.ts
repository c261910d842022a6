import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { WhepLink } from "./WhepLink";

class FakePeer {
  static readonly made: FakePeer[] = [];
  localDescription = { sdp: "offer" };
  remote: string | null = null;
  connectionState = "new";
  frames = 0;
  closed = false;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { track: unknown }) => void) | null = null;

  constructor() {
    FakePeer.made.push(this);
  }
  addTransceiver(): { setCodecPreferences(): void } {
    return { setCodecPreferences: () => undefined };
  }
  get remoteDescription(): { sdp: string } {
    return { sdp: "a=ice-ufrag:old\r\na=ice-pwd:old\r\n" };
  }
  restartIce(): void {}
  async setLocalDescription(): Promise<void> {}
  async setRemoteDescription({ sdp }: { sdp: string }): Promise<void> {
    this.remote = sdp;
    this.ontrack?.({ track: {} });
  }
  async getStats(): Promise<Map<string, { type: string; framesDecoded: number }>> {
    return new Map([["v", { type: "inbound-rtp", framesDecoded: this.frames }]]);
  }
  close(): void {
    this.closed = true;
  }
  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

let asked: string[];
let answer: () => Response;
let patched: () => Response;

const created = (): Response =>
  new Response("answer", { status: 201, headers: { location: "/whep/sessions/7", etag: '"x"' } });

const newest = (): FakePeer => {
  const peer = FakePeer.made.at(-1);
  if (peer === undefined) throw new Error("no peer connection was made");
  return peer;
};

async function opened(): Promise<WhepLink> {
  const link = new WhepLink({ cameraId: "cam 1", profile: "sub", accessToken: async () => "token", random: () => 0.5 });
  await vi.advanceTimersByTimeAsync(0);
  return link;
}

async function live(): Promise<WhepLink> {
  const link = await opened();
  newest().become("connected");
  newest().frames = 5;
  await vi.advanceTimersByTimeAsync(1_000);
  return link;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", Object.assign(globalThis, { addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal("RTCPeerConnection", FakePeer);
  vi.stubGlobal("RTCRtpReceiver", { getCapabilities: () => null });
  vi.stubGlobal("MediaStream", class {});
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path} ${new Headers(init.headers).get("authorization")}`);
    if (init.method === "PATCH") return patched();
    return init.method === "POST" ? answer() : new Response(null, { status: 200 });
  });
  FakePeer.made.length = 0;
  asked = [];
  answer = created;
  patched = () => new Response("a=ice-ufrag:new\r\na=ice-pwd:secret\r\n", { status: 200 });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a camera by WHEP", () => {
  it("offers with a bearer token, applies the answer and deletes its session when closed", async () => {
    const link = await opened();
    expect(newest().remote).toBe("answer");
    expect(link.state.get()).toEqual({ name: "connecting" });
    link.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual(["POST /whep/cam%201?profile=sub Bearer token", "DELETE /whep/sessions/7 Bearer token"]);
    expect(newest().closed).toBe(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakePeer.made).toHaveLength(1);
  });

  it("is live when frames are decoded, or when the element shows one", async () => {
    const link = await live();
    expect(link.state.get().name).toBe("live");
    const other = await opened();
    newest().become("connected");
    other.pictureShown();
    expect(other.state.get().name).toBe("live");
  });

  it("says that there is no picture when frames stop, keeps the connection, and is live again with the next frame", async () => {
    const link = await live();
    await vi.advanceTimersByTimeAsync(6_000);
    expect(link.state.get()).toEqual({ name: "reconnecting", reason: "noPicture" });
    expect(FakePeer.made).toHaveLength(1);
    newest().frames = 6;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(link.state.get().name).toBe("live");
  });

  it("restarts ICE inside its session when the way is lost, and makes a new session when that is refused", async () => {
    const link = await live();
    newest().become("disconnected");
    await vi.advanceTimersByTimeAsync(0);
    expect(link.state.get()).toEqual({ name: "reconnecting", reason: "linkLost" });
    expect(asked.at(-1)).toBe("PATCH /whep/sessions/7 Bearer token");
    expect(newest().remote).toBe("a=ice-ufrag:new\r\na=ice-pwd:secret\r\n");
    newest().become("connected");
    newest().frames = 9;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(link.state.get().name).toBe("live");
    expect(FakePeer.made).toHaveLength(1);

    patched = () => new Response(null, { status: 404 });
    newest().become("disconnected");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakePeer.made).toHaveLength(2);
  });

  it.each(["failed", "closed"])("makes a new session when its connection is %s", async (state) => {
    const link = await live();
    newest().become(state);
    expect(link.state.get()).toEqual({ name: "reconnecting", reason: "linkLost" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(FakePeer.made).toHaveLength(2);
    expect(asked.map((line) => line.split(" ")[0])).toEqual(["POST", "DELETE", "POST"]);
  });

  it("changes the stream inside its session, and asks for the wanted one again after a new session", async () => {
    const link = await live();
    link.show("main");
    link.show("main");
    await vi.advanceTimersByTimeAsync(0);
    expect(asked.slice(1)).toEqual(["POST /whep/sessions/7/layer Bearer token"]);
    expect(FakePeer.made).toHaveLength(1);
    newest().become("failed");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked.at(-1)).toBe("POST /whep/cam%201?profile=main Bearer token");
  });

  it("tries again and says the server's reason when it is refused", async () => {
    answer = () => new Response(JSON.stringify({ code: "node.full" }), { status: 503 });
    const link = await opened();
    expect(link.state.get()).toEqual({ name: "reconnecting", reason: "node.full" });
    answer = created;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(newest().remote).toBe("answer");
  });

  it("deletes a session whose answer came after the tile was closed", async () => {
    let release: (response: Response) => void = () => undefined;
    vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
      asked.push(`${init.method} ${path}`);
      return init.method === "POST" ? await new Promise<Response>((resolve) => (release = resolve)) : new Response(null);
    });
    const link = await opened();
    link.close();
    release(created());
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual(["POST /whep/cam%201?profile=sub", "DELETE /whep/sessions/7"]);
  });
});
