import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forgetReload, reloadOnce } from "./outdated";

let reloads: number;
const reload = (): void => {
  reloads += 1;
};

function stubTab(setItem: (key: string, value: string) => void, stored: Map<string, string>): void {
  vi.stubGlobal("window", {
    sessionStorage: {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem,
      removeItem: (key: string) => stored.delete(key),
    },
  });
}

beforeEach(() => {
  reloads = 0;
  const stored = new Map<string, string>();
  stubTab((key, value) => stored.set(key, value), stored);
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a page that the server refuses", () => {
  it("loads itself anew once, not for ever", () => {
    for (let i = 0; i < 5; i += 1) reloadOnce(1, reload);
    expect(reloads).toBe(1);
  });

  it("may do so again after another version was refused or this one was accepted", () => {
    reloadOnce(1, reload);
    reloadOnce(2, reload);
    forgetReload();
    reloadOnce(2, reload);
    expect(reloads).toBe(3);
  });

  it("stays when the tab cannot remember, because it would never stop", () => {
    stubTab(() => {
      throw new Error("full");
    }, new Map());
    reloadOnce(1, reload);
    expect(reloads).toBe(0);
  });
});
