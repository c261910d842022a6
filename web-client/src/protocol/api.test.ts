import { describe, expect, it } from "vitest";
import { decodeCamera, decodePage, decodeProblem, decodeSessionTokens, decodeStoredSession } from "./api";

const account = { id: "wang", displayName: "Wang", role: "responder", unitId: "u", mustChangePassword: false };
const tokens = { accessToken: "a", refreshToken: "r", expiresInSeconds: 900, account };

describe("the API's bodies", () => {
  it("are read", () => {
    expect(decodeSessionTokens(tokens)).toMatchObject({ accessToken: "a", account: { id: "wang", role: "responder" } });
    expect(decodeStoredSession({ ...tokens, expiresAtMs: 5 })?.expiresAtMs).toBe(5);
    expect(decodeProblem(429, { code: "wait", title: "Too many" })).toEqual({ status: 429, code: "wait", detail: "Too many" });
    const page = { items: [{ id: "c", nameEn: "Gate", status: { state: "live", viewers: 2 } }, { nameEn: "no id" }], next: "" };
    expect(decodePage(page, decodeCamera)).toEqual({
      items: [{ id: "c", nameZh: "", nameEn: "Gate", department: "", state: "live", reason: "", viewers: 2 }],
      next: null,
    });
  });

  it.each([null, undefined, 0, "text", [], {}, { items: 3 }, { account: [] }, { ...tokens, accessToken: 5 }])(
    "of another shape are refused: %j",
    (body) => {
      expect(decodeSessionTokens(body)).toBeNull();
      expect(decodeStoredSession(body)).toBeNull();
      expect(decodePage(body, decodeCamera)).toBeNull();
      expect(decodeCamera(body)).toBeNull();
    },
  );
});
