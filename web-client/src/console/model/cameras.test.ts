import { describe, expect, it } from "vitest";
import { applyPage, emptyCameraList, failLoading, matches, withStates } from "./cameras";

const camera = {
  id: "cam-1",
  nameZh: "莞城广场东",
  nameEn: "Guancheng Square East",
  department: "police",
  state: "idle",
  reason: "",
  viewers: 0,
};

describe("the camera list", () => {
  it("grows page by page without doubles", () => {
    const first = applyPage(emptyCameraList, "", { items: [camera], next: "cam-1" }, true);
    const second = applyPage(first, "", { items: [camera, { ...camera, id: "cam-2" }], next: null }, false);
    expect(second.items.map((item) => item.id)).toEqual(["cam-1", "cam-2"]);
    expect(second).toMatchObject({ status: "loaded", next: null });
  });

  it("ignores answers to a search that is no longer wanted", () => {
    const list = { ...emptyCameraList, text: "east" };
    expect(applyPage(list, "", { items: [camera], next: null }, true)).toBe(list);
    expect(failLoading(list, "")).toBe(list);
    expect(failLoading(list, "east").status).toBe("failed");
  });

  it("finds by either name, department or id", () => {
    for (const text of ["广场", "square", "POLICE", "cam-1", " "]) expect(matches(camera, text)).toBe(true);
    expect(matches(camera, "north")).toBe(false);
  });

  it("shows the hub's newer state", () => {
    const states = { "cam-1": { cameraId: "cam-1", state: "reconnecting", reason: "connection refused", viewers: 2 } };
    expect(withStates([camera], states)[0]).toMatchObject({ state: "reconnecting", viewers: 2 });
    expect(withStates([{ ...camera, state: "live" }], {})[0]?.state).toBe("idle");
    expect(withStates([camera], null)[0]).toBe(camera);
  });
});
