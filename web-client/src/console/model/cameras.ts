import type { CameraEntry, Page } from "../../protocol/api";
import type { CameraStates } from "../../voice/cameraStates";

/** What the list is asked for; the server searches, so that ten thousand cameras are never loaded whole. */
export interface CameraSearch {
  text: string;
  /** A camera's condition, "" for any. */
  condition: string;
}

/** The camera list as loaded so far for one search. */
export interface CameraList {
  search: CameraSearch;
  items: CameraEntry[];
  /** Where the next page starts; null when everything is loaded. */
  next: string | null;
  total: number;
  status: "loading" | "loaded" | "failed";
}

export const emptySearch: CameraSearch = { text: "", condition: "" };

export const emptyCameraList: CameraList = { search: emptySearch, items: [], next: null, total: 0, status: "loading" };

export function isSameSearch(one: CameraSearch, other: CameraSearch): boolean {
  return one.text === other.text && one.condition === other.condition;
}

/** The request of one page. */
export function listPath(search: CameraSearch, after: string | null, limit: number): string {
  const query = new URLSearchParams({ limit: String(limit) });
  if (search.text !== "") query.set("text", search.text);
  if (search.condition !== "") query.set("condition", search.condition);
  if (after !== null) query.set("after", after);
  return `/api/v1/cameras?${query}`;
}

/** A first page replaces the list, a further one is added; a page for another search is too late. */
export function applyPage(list: CameraList, search: CameraSearch, page: Page<CameraEntry>, isFirst: boolean): CameraList {
  if (!isSameSearch(search, list.search)) return list;
  const known = isFirst ? [] : list.items;
  const ids = new Set(known.map((camera) => camera.id));
  const items = [...known, ...page.items.filter((camera) => !ids.has(camera.id))];
  return { search, items, next: page.next, total: page.total, status: "loaded" };
}

export function failLoading(list: CameraList, search: CameraSearch): CameraList {
  return isSameSearch(search, list.search) ? { ...list, status: "failed" } : list;
}

/** The list with the hub's newer states. A camera of which the hub told nothing has no feed, and is as it was when loaded. */
export function withStates(items: readonly CameraEntry[], states: CameraStates | null): CameraEntry[] {
  if (states === null) return [...items];
  return items.map((camera) => {
    const told = states[camera.id];
    if (told === undefined) return { ...camera, state: "idle", reason: "", viewers: 0 };
    const { state, reason, viewers, condition, conditionReason, conditionSinceMs } = told;
    return { ...camera, state, reason, viewers, condition, conditionReason, conditionSinceMs };
  });
}
