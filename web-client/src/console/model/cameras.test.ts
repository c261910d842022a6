import { describe, expect, it } from "vitest";
import { applyPage, emptyCameraList, failLoading, listPath, withStates } from "./cameras";

const camera = {
  id: "cam-1",
  nameZh: "莞城广场东",
  nameEn: "Guancheng Square East",
  department: "police",
  state: "idle",
  reason: "",
  viewers: 0,
  condition: "online",
  conditionReason: "",
  conditionSinceMs: 5,
};

const any = { text: "", condition: "" };

describe("the camera list", () => {
  it("grows page by page without doubles", () => {
    const first = applyPage(emptyCameraList, any, { items: [camera], next: "cam-1", total: 12_000 }, true);
    const second = applyPage(first, any, { items: [camera, { ...camera, id: "cam-2" }], next: null, total: 12_000 }, false);
    expect(second.items.map((item) => item.id)).toEqual(["cam-1", "cam-2"]);
    expect(second).toMatchObject({ status: "loaded", next: null, total: 12_000 });
  });

  it("is searched and paged by the server", () => {
    expect(listPath(any, null, 100)).toBe("/api/v1/cameras?limit=100");
    expect(listPath({ text: "东 门", condition: "offline" }, "cam-1", 100)).toBe(
      "/api/v1/cameras?limit=100&text=%E4%B8%9C+%E9%97%A8&condition=offline&after=cam-1",
    );
  });

  it("ignores answers to a search that is no longer wanted", () => {
    const list = { ...emptyCameraList, search: { text: "east", condition: "offline" } };
    expect(applyPage(list, any, { items: [camera], next: null, total: 1 }, true)).toBe(list);
    expect(failLoading(list, { text: "east", condition: "" })).toBe(list);
    expect(failLoading(list, { text: "east", condition: "offline" }).status).toBe("failed");
  });

  it("shows the hub's newer state", () => {
    const told = { state: "reconnecting", reason: "connection refused", viewers: 2, condition: "offline", conditionReason: "connection refused", conditionSinceMs: 9 };
    const states = { "cam-1": { cameraId: "cam-1", ...told } };
    expect(withStates([camera], states)[0]).toMatchObject(told);
    expect(withStates([{ ...camera, state: "live" }], {})[0]).toMatchObject({ state: "idle", condition: "online" });
    expect(withStates([camera], null)[0]).toBe(camera);
  });
});
