import { describe, expect, it } from "vitest";
import { decodeCamera, decodeImportReport, decodePage, decodeProblem, decodeSessionTokens, decodeSiteCounts, decodeStoredSession } from "./api";

const account = { id: "wang", displayName: "Wang", role: "responder", unitId: "u", mustChangePassword: false };
const tokens = { accessToken: "a", refreshToken: "r", expiresInSeconds: 900, account };

describe("the API's bodies", () => {
  it("are read", () => {
    expect(decodeSessionTokens(tokens)).toMatchObject({ accessToken: "a", account: { id: "wang", role: "responder" } });
    expect(decodeStoredSession({ ...tokens, expiresAtMs: 5 })?.expiresAtMs).toBe(5);
    expect(decodeProblem(429, { code: "wait", title: "Too many" })).toEqual({ status: 429, code: "wait", detail: "Too many" });
    const health = { condition: "offline", reason: "connection refused", since: "2026-01-01T12:03:00Z" };
    const page = { items: [{ id: "c", nameEn: "Gate", status: { state: "live", viewers: 2 }, health }, { nameEn: "no id" }], next: "", total: 7 };
    expect(decodePage(page, decodeCamera)).toEqual({
      items: [
        {
          id: "c",
          nameZh: "",
          nameEn: "Gate",
          department: "",
          state: "live",
          reason: "",
          viewers: 2,
          condition: "offline",
          conditionReason: "connection refused",
          conditionSinceMs: Date.UTC(2026, 0, 1, 12, 3),
        },
      ],
      next: null,
      total: 7,
    });
    const report = { dryRun: true, rows: 2, created: 1, changed: 0, unchanged: 0, faulty: 1, faults: [{ line: 3, column: "url", fault: "bad" }, null] };
    expect(decodeImportReport(report)?.faults).toEqual([{ line: 3, cameraId: "", column: "url", fault: "bad" }]);
    expect(decodeSiteCounts([{ id: "s", total: 4, offline: 3 }, 5])).toMatchObject([{ id: "s", total: 4, offline: 3, live: 0 }]);
  });

  it.each([null, undefined, 0, "text", [], {}, { items: 3 }, { account: [] }, { ...tokens, accessToken: 5 }])(
    "of another shape are refused: %j",
    (body) => {
      expect(decodeSessionTokens(body)).toBeNull();
      expect(decodeStoredSession(body)).toBeNull();
      expect(decodePage(body, decodeCamera)).toBeNull();
      expect(decodeCamera(body)).toBeNull();
      expect(decodeImportReport(body)).toBeNull();
    },
  );
});
