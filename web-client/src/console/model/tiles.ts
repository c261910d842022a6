import type { CameraEntry } from "../../protocol/api";

/** What a tile shows: enough to name the camera before any list is loaded. */
export interface Tile {
  cameraId: string;
  nameZh: string;
  nameEn: string;
}

export const layouts = [1, 4, 9] as const;
export type Layout = (typeof layouts)[number];

/** The camera wall: as many places as the layout says, each empty or with a camera. */
export interface Wall {
  layout: Layout;
  tiles: readonly (Tile | null)[];
  /** The open camera that is shown large, over the others; null when none is. */
  focused: string | null;
}

export const emptyWall: Wall = { layout: 4, tiles: [null, null, null, null], focused: null };

export function tileOf(camera: CameraEntry): Tile {
  return { cameraId: camera.id, nameZh: camera.nameZh, nameEn: camera.nameEn };
}

export function openTiles(wall: Wall): Tile[] {
  return wall.tiles.filter((tile) => tile !== null);
}

/** Opens a camera in the first free place; the wall grows to the next layout when it is full. Null: nine are open. */
export function openTile(wall: Wall, tile: Tile): Wall | null {
  if (wall.tiles.some((open) => open?.cameraId === tile.cameraId)) return wall;
  const free = wall.tiles.indexOf(null);
  if (free >= 0) return { ...wall, tiles: wall.tiles.map((open, place) => (place === free ? tile : open)) };
  const larger = layouts.find((layout) => layout > wall.layout);
  return larger === undefined ? null : openTile(setLayout(wall, larger), tile);
}

export function closeTile(wall: Wall, cameraId: string): Wall {
  const tiles = wall.tiles.map((tile) => (tile?.cameraId === cameraId ? null : tile));
  return { ...wall, tiles, focused: wall.focused === cameraId ? null : wall.focused };
}

/** Another layout keeps the open cameras in order; those that have no place are closed. */
export function setLayout(wall: Wall, layout: Layout): Wall {
  const kept = layout >= wall.layout ? [...wall.tiles] : openTiles(wall);
  return { layout, focused: null, tiles: Array.from({ length: layout }, (_, place) => kept[place] ?? null) };
}

/** Shows one open camera large, or none. A camera that is not open cannot be. */
export function focusTile(wall: Wall, cameraId: string | null): Wall {
  const isOpen = wall.tiles.some((tile) => tile?.cameraId === cameraId);
  return { ...wall, focused: cameraId !== null && isOpen ? cameraId : null };
}

/** A picture that has the wall to itself is worth the main stream; tiles take the small one. */
export function profileOf(wall: Wall, cameraId: string): "main" | "sub" {
  return wall.layout === 1 || wall.focused === cameraId ? "main" : "sub";
}
