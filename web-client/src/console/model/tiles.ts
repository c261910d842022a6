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
}

export const emptyWall: Wall = { layout: 4, tiles: [null, null, null, null] };

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
  return { ...wall, tiles: wall.tiles.map((tile) => (tile?.cameraId === cameraId ? null : tile)) };
}

/** Another layout keeps the open cameras in order; those that have no place are closed. */
export function setLayout(wall: Wall, layout: Layout): Wall {
  const kept = layout >= wall.layout ? [...wall.tiles] : openTiles(wall);
  return { layout, tiles: Array.from({ length: layout }, (_, place) => kept[place] ?? null) };
}
