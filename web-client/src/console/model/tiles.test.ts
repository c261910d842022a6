import { describe, expect, it } from "vitest";
import type { Tile, Wall } from "./tiles";
import { closeTile, emptyWall, focusTile, openTile, openTiles, profileOf, setLayout } from "./tiles";

const tile = (cameraId: string): Tile => ({ cameraId, nameZh: cameraId, nameEn: cameraId });

function wallOf(...ids: string[]): Wall {
  return ids.reduce<Wall>((wall, id) => openTile(wall, tile(id)) ?? wall, emptyWall);
}

describe("the camera wall", () => {
  it("opens each camera once, in the first free place", () => {
    const wall = wallOf("a", "b", "a");
    expect(openTiles(wall).map((open) => open.cameraId)).toEqual(["a", "b"]);
    expect(openTiles(openTile(closeTile(wall, "a"), tile("c")) ?? wall).map((open) => open.cameraId)).toEqual(["c", "b"]);
  });

  it("grows to nine places and refuses the tenth camera", () => {
    const wall = wallOf("1", "2", "3", "4", "5", "6", "7", "8", "9");
    expect(wall.layout).toBe(9);
    expect(openTile(wall, tile("10"))).toBeNull();
  });

  it("keeps the first cameras when it shrinks", () => {
    const wall = setLayout(closeTile(wallOf("1", "2", "3", "4", "5", "6"), "2"), 4);
    expect(openTiles(wall).map((open) => open.cameraId)).toEqual(["1", "3", "4", "5"]);
    expect(setLayout(wall, 1).tiles).toEqual([tile("1")]);
  });

  it("keeps places when it grows", () => {
    const wall = setLayout(closeTile(wallOf("a", "b"), "a"), 9);
    expect(wall.tiles[1]?.cameraId).toBe("b");
    expect(wall.tiles).toHaveLength(9);
  });

  it("gives the main stream to the focused camera and to one alone, and focuses only what is open", () => {
    const wall = focusTile(wallOf("a", "b"), "b");
    expect([profileOf(wall, "a"), profileOf(wall, "b")]).toEqual(["sub", "main"]);
    expect(focusTile(wall, "c").focused).toBeNull();
    expect(closeTile(wall, "b").focused).toBeNull();
    expect(closeTile(wall, "a").focused).toBe("b");
    const single = setLayout(wall, 1);
    expect([single.focused, profileOf(single, "a")]).toEqual([null, "main"]);
  });
});
