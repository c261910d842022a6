import type { CameraEntry, Page } from "../../protocol/api";
import type { CameraStates } from "../../voice/cameraStates";

/** The camera list as loaded so far for one search text. */
export interface CameraList {
  text: string;
  items: CameraEntry[];
  /** Where the next page starts; null when everything is loaded. */
  next: string | null;
  status: "loading" | "loaded" | "failed";
}

export const emptyCameraList: CameraList = { text: "", items: [], next: null, status: "loading" };

/** A first page replaces the list, a further one is added; a page for another search text is too late. */
export function applyPage(list: CameraList, text: string, page: Page<CameraEntry>, isFirst: boolean): CameraList {
  if (text !== list.text) return list;
  const known = isFirst ? [] : list.items;
  const ids = new Set(known.map((camera) => camera.id));
  const items = [...known, ...page.items.filter((camera) => !ids.has(camera.id))];
  return { text, items, next: page.next, status: "loaded" };
}

export function failLoading(list: CameraList, text: string): CameraList {
  return text === list.text ? { ...list, status: "failed" } : list;
}

/** Names in both languages, department and id, whatever the case. */
export function matches(camera: CameraEntry, text: string): boolean {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return true;
  return [camera.nameZh, camera.nameEn, camera.department, camera.id].some((field) => field.toLowerCase().includes(wanted));
}

/** The list with the hub's newer states; as loaded while the hub has told none. */
export function withStates(items: readonly CameraEntry[], states: CameraStates | null): CameraEntry[] {
  if (states === null) return [...items];
  return items.map((camera) => {
    const { state, reason, viewers } = states[camera.id] ?? { state: "idle", reason: "", viewers: 0 };
    return { ...camera, state, reason, viewers };
  });
}
