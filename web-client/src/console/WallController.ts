import { Store } from "../lib/store";
import { callApi } from "../link/ApiClient";
import type { SessionKeeper } from "../link/SessionKeeper";
import type { Snapshot } from "../link/snapshot";
import { takeSnapshot } from "../link/snapshot";
import type { WhepProfile } from "../link/WhepLink";
import { WhepLink } from "../link/WhepLink";
import { decodeCamera, decodePage } from "../protocol/api";
import type { CameraList, CameraSearch } from "./model/cameras";
import { applyPage, emptyCameraList, emptySearch, failLoading, listPath } from "./model/cameras";
import type { Layout, Tile, Wall } from "./model/tiles";
import { closeTile, emptyWall, focusTile, openTile, openTiles, profileOf, setLayout } from "./model/tiles";

const pageLimit = 100;

/** The effect runner of the camera wall: one WHEP link per open tile, and the camera list. */
export class WallController {
  readonly wall = new Store<Wall>(emptyWall);
  readonly list = new Store<CameraList>(emptyCameraList);
  private readonly links = new Map<string, WhepLink>();

  constructor(readonly session: SessionKeeper) {
    void this.search(emptySearch);
  }

  /** False when all nine places are in use. */
  open(tile: Tile): boolean {
    const wall = openTile(this.wall.get(), tile);
    if (wall === null) return false;
    this.apply(wall);
    return true;
  }

  close(cameraId: string): void {
    this.apply(closeTile(this.wall.get(), cameraId));
  }

  setLayout(layout: Layout): void {
    this.apply(setLayout(this.wall.get(), layout));
  }

  /** Shows a camera large, or goes back to the tiles when it is. */
  toggleFocus(cameraId: string): void {
    const wall = this.wall.get();
    this.apply(focusTile(wall, wall.focused === cameraId ? null : cameraId));
  }

  leaveFocus(): void {
    this.apply(focusTile(this.wall.get(), null));
  }

  /** A still picture from the server; the reason when there is none. */
  async snapshot(cameraId: string): Promise<Snapshot | string> {
    const token = await this.session.accessToken();
    return token.ok ? takeSnapshot(cameraId, token.value) : "unreachable";
  }

  link(cameraId: string): WhepLink | undefined {
    return this.links.get(cameraId);
  }

  pictureShown(cameraId: string): void {
    this.links.get(cameraId)?.pictureShown();
  }

  peers(): Record<string, RTCPeerConnection> {
    const peers: Record<string, RTCPeerConnection> = {};
    for (const [cameraId, link] of this.links) {
      const peer = link.peer();
      if (peer !== null) peers[cameraId] = peer;
    }
    return peers;
  }

  async search(search: CameraSearch): Promise<void> {
    this.list.update((list) => ({ ...list, search, status: "loading" }));
    await this.load(search, null);
  }

  async loadMore(): Promise<void> {
    const { search, next, status } = this.list.get();
    if (next === null || status === "loading") return;
    this.list.update((list) => ({ ...list, status: "loading" }));
    await this.load(search, next);
  }

  dispose(): void {
    for (const link of this.links.values()) link.close();
    this.links.clear();
  }

  private async load(search: CameraSearch, after: string | null): Promise<void> {
    const token = await this.session.accessToken();
    if (!token.ok) return this.list.update((list) => failLoading(list, search));
    const answer = await callApi({ method: "GET", path: listPath(search, after, pageLimit), token: token.value });
    const page = answer.ok ? decodePage(answer.value, decodeCamera) : null;
    this.list.update((list) => (page === null ? failLoading(list, search) : applyPage(list, search, page, after === null)));
  }

  /** Links follow the wall: what is shown has a link, what is not has none. */
  private apply(wall: Wall): void {
    const shown = new Set(openTiles(wall).map((tile) => tile.cameraId));
    for (const [cameraId, link] of this.links) {
      if (shown.has(cameraId)) continue;
      link.close();
      this.links.delete(cameraId);
    }
    for (const cameraId of shown) {
      const profile = profileOf(wall, cameraId);
      const link = this.links.get(cameraId);
      if (link === undefined) this.links.set(cameraId, this.connect(cameraId, profile));
      else link.show(profile);
    }
    this.wall.set(wall);
  }

  private connect(cameraId: string, profile: WhepProfile): WhepLink {
    return new WhepLink({
      cameraId,
      profile,
      accessToken: async () => {
        const token = await this.session.accessToken();
        if (!token.ok) throw new Error("no access token");
        return token.value;
      },
      random: () => Math.random(),
    });
  }
}
