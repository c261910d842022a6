import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SessionKeeper } from "./SessionKeeper";

const account = { id: "wang", displayName: "Wang", role: "responder", unitId: "u", mustChangePassword: false };

function tokens(generation: number, expiresInSeconds = 900): unknown {
  return { accessToken: `a${generation}`, refreshToken: `r${generation}`, expiresInSeconds, account };
}

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

let stored: Map<string, string>;
let asked: string[];
let answers: (path: string, body: string) => Answer;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  stored = new Map();
  asked = [];
  answers = () => ({ status: 200, body: tokens(1) });
  vi.stubGlobal("window", {
    addEventListener: () => undefined,
    localStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    },
  });
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push(`${init.method} ${path}`);
    const { status, body, headers } = answers(path, String(init.body ?? ""));
    return new Response(status === 204 ? null : JSON.stringify(body), { status, ...(headers ? { headers } : {}) });
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a session", () => {
  it("is kept by the browser and found again by the next page", async () => {
    const signedIn = await new SessionKeeper().signIn("wang", "secret");
    expect(signedIn).toMatchObject({ ok: true, value: { id: "wang", role: "responder" } });
    expect([...stored.values()].join()).not.toContain("secret");
    const next = new SessionKeeper();
    expect(next.state.get()).toMatchObject({ name: "signedIn", account: { id: "wang" } });
    expect(await next.accessToken()).toEqual({ ok: true, value: "a1" });
    expect(asked).toEqual(["POST /api/v1/sessions"]);
  });

  it("refreshes a minute before its token ends, once for all that ask", async () => {
    const session = new SessionKeeper();
    await session.signIn("wang", "secret");
    answers = () => ({ status: 200, body: tokens(2) });
    vi.advanceTimersByTime(841_000);
    const both = await Promise.all([session.accessToken(), session.accessToken()]);
    expect(both).toEqual([
      { ok: true, value: "a2" },
      { ok: true, value: "a2" },
    ]);
    expect(asked.slice(1)).toEqual(["POST /api/v1/sessions/refresh"]);
    expect(session.token.get()).toBe("a2");
  });

  it("takes over what another page has refreshed instead of spending a spent token", async () => {
    const session = new SessionKeeper();
    await session.signIn("wang", "secret");
    const other = new SessionKeeper();
    vi.advanceTimersByTime(841_000);
    answers = () => ({ status: 200, body: tokens(2) });
    await other.accessToken();
    expect(await session.accessToken()).toEqual({ ok: true, value: "a2" });
    expect(asked.filter((line) => line.endsWith("refresh"))).toHaveLength(1);
  });

  it("ends when the server refuses the refresh, and says so", async () => {
    const session = new SessionKeeper();
    await session.signIn("wang", "secret");
    answers = () => ({ status: 401, body: { code: "refresh.refused" } });
    vi.advanceTimersByTime(900_000);
    expect((await session.accessToken()).ok).toBe(false);
    expect(session.state.get()).toEqual({ name: "signedOut", ended: true });
    expect(stored.size).toBe(0);
  });

  it.each([429, 500, 502, 503])("outlives a server that answers %i", async (status) => {
    const session = new SessionKeeper();
    await session.signIn("wang", "secret");
    answers = () => ({ status, body: {} });
    vi.advanceTimersByTime(900_000);
    expect((await session.accessToken()).ok).toBe(false);
    expect(session.state.get().name).toBe("signedIn");
  });

  it("checks a token that a link was refused with, and renews it", async () => {
    const session = new SessionKeeper();
    await session.signIn("wang", "secret");
    answers = (path) => (path.endsWith("/me") ? { status: 401, body: {} } : { status: 200, body: tokens(2) });
    await session.verify();
    expect(session.token.get()).toBe("a2");
  });

  it("says how long to wait when there were too many attempts", async () => {
    answers = () => ({ status: 429, body: { code: "wait" }, headers: { "retry-after": "17" } });
    expect(await new SessionKeeper().signIn("wang", "wrong")).toMatchObject({
      ok: false,
      error: { reason: "refused", problem: { status: 429 }, retryAfterSeconds: 17 },
    });
  });

  it("signs in anew after a change of password", async () => {
    const session = new SessionKeeper();
    await session.signIn("wang", "first");
    answers = (path) => (path.endsWith("/password") ? { status: 204, body: null } : { status: 200, body: tokens(2) });
    expect((await session.changePassword("first", "second")).ok).toBe(true);
    expect(asked.slice(1)).toEqual(["PUT /api/v1/me/password", "POST /api/v1/sessions"]);
  });

  it("is forgotten at once when its owner signs out, whatever the server says", async () => {
    const session = new SessionKeeper();
    await session.signIn("wang", "secret");
    answers = () => ({ status: 500, body: {} });
    await session.signOut();
    expect(session.state.get()).toEqual({ name: "signedOut", ended: false });
    expect(stored.size).toBe(0);
  });
});
