import { ServerClock } from "../lib/clock";
import { log, reasonOf } from "../lib/log";
import { Store } from "../lib/store";
import type { SessionKeeper } from "../link/SessionKeeper";
import { slotCount } from "../link/PeerLink";
import { SignalLink } from "../link/SignalLink";
import { VoiceLink } from "../link/VoiceLink";
import type { HubAccount, HubFloor, HubFloorRevoked, ServerHello } from "../protocol/hub";
import type { PttEffect, PttEvent, ReleaseReason } from "../ptt/pttEvents";
import { step } from "../ptt/pttMachine";
import { hasNewAlert } from "./alerts";
import type { CameraStates } from "./cameraStates";
import { applyCameraStates, watchCameras } from "./cameraStates";
import type { ChannelBoard } from "./channelBoard";
import { applyChannels, applyFloors, applyMachine, applyRevoke, emptyBoard, forgetFloors } from "./channelBoard";
import { FloorDesk } from "./FloorDesk";
import { Loudspeaker } from "./Loudspeaker";
import { Microphone } from "./Microphone";
import type { Slots } from "./slots";
import { freeSlots, slotFor, slotOf, withoutMissing, withSlot } from "./slots";
import { TalkPath } from "./TalkPath";
import { watchLeaving } from "./watchLeaving";

const tickMs = 200;

/** The effect runner of push-to-talk: joins hub, voice link, microphone, loudspeaker and the pure machines. */
export class VoiceController {
  readonly clock = new ServerClock();
  readonly microphone = new Microphone();
  readonly loudspeaker = new Loudspeaker();
  readonly signal: SignalLink;
  readonly voice: VoiceLink;
  readonly account = new Store<HubAccount | null>(null);
  readonly board = new Store<ChannelBoard>(emptyBoard);
  readonly slots = new Store<Slots>(freeSlots(slotCount));
  readonly desk: FloorDesk;
  readonly cameras = new Store<CameraStates | null>(null);
  readonly readClock = (): number => this.clock.nowMs();
  private serverInstance = "";
  private talking: string | null = null;
  private readonly talk: TalkPath;
  private readonly ticker: number;
  private readonly stopRenewing: () => void;
  private readonly stopWatching: () => void;

  constructor(
    session: SessionKeeper,
    private readonly page: "ptt" | "console",
  ) {
    const random = (): number => Math.random();
    const accessToken = async (): Promise<string> => {
      const token = await session.accessToken();
      if (!token.ok) throw new Error("no access token");
      return token.value;
    };
    this.signal = new SignalLink({ page, accessToken, random }, {
      hello: (hello) => this.handleHello(hello),
      lost: () => this.voice.pause(),
      floors: (floors) => this.handleFloors(floors),
      floorRevoked: (revoked) => this.handleRevoked(revoked),
      floorGranted: ({ channelId, burstId, talkLimitMs }) => this.dispatch(channelId, { name: "grantedInTurn", burstId, talkLimitMs }),
      floorQueued: ({ channelId, position }) => this.dispatch(channelId, { name: "place", position }),
      floorQueues: (queues) => this.desk.apply(queues),
      channels: (channels) => this.handleChannels(applyChannels(this.board.get(), channels, this.clock.nowMs())),
      cameras: (changed) => this.cameras.update((states) => applyCameraStates(states ?? {}, changed)),
      voiceEnded: (ended) => this.voice.ended(ended.session, ended.reason),
      signedOut: () => session.end(),
      connectFailed: () => session.verify(),
    });
    this.desk = new FloorDesk(this.signal);
    this.voice = new VoiceLink(
      {
        negotiate: this.signal.openVoice,
        opened: () => this.slots.get().forEach((channelId, slot) => void this.askJoin(channelId, slot)),
        track: (slot, track) => this.loudspeaker.attach(slot, track),
      },
      random,
    );
    this.talk = new TalkPath({
      microphone: () => this.microphone.track(),
      silence: () => this.loudspeaker.silence(),
      send: (track) => this.voice.send(track),
    });
    this.stopRenewing = session.token.subscribe(() => {
      const token = session.token.get();
      if (token !== null) this.signal.renew(token).catch((thrown: unknown) => log("hub", `renew: ${reasonOf(thrown)}`));
    });
    this.signal.state.subscribe(this.publishLink);
    this.voice.state.subscribe(this.publishLink);
    this.microphone.state.subscribe(() => this.talk.renew());
    this.ticker = window.setInterval(this.tick, tickMs);
    this.stopWatching = watchLeaving((reason) => this.releaseAll(reason));
    this.signal.open();
  }

  /** Gives the page sound and the microphone. Must be called from within a gesture's handler. */
  async unlock(): Promise<void> {
    await Promise.all([this.loudspeaker.unlock(), this.microphone.warm()]);
  }

  press(channelId: string): void {
    this.releaseAll("otherChannel", channelId);
    const microphone = this.microphone.track() !== null;
    if (!microphone) void this.microphone.warm();
    this.dispatch(channelId, { name: "press", microphone });
  }

  release(channelId: string, reason: ReleaseReason): void {
    this.dispatch(channelId, { name: "release", reason });
  }

  releaseAll(reason: ReleaseReason, except?: string): void {
    for (const channelId of this.board.get().order) if (channelId !== except) this.release(channelId, reason);
  }

  /** Hears a channel, on the given slot or the first free one; false when no slot is free. */
  join(channelId: string, wantedSlot?: number): boolean {
    const slots = this.slots.get();
    const slot = wantedSlot ?? slotFor(slots, channelId);
    if (slot === null) return false;
    const former = slots[slot] ?? null;
    if (former === channelId) return true;
    if (former !== null) this.release(former, "otherChannel");
    this.slots.set(withSlot(slots, slot, channelId));
    void this.askJoin(channelId, slot);
    return true;
  }

  leave(channelId: string): void {
    const slot = slotOf(this.slots.get(), channelId);
    if (slot === null) return;
    this.release(channelId, "left");
    this.slots.set(withSlot(this.slots.get(), slot, null));
    this.signal.leave(channelId, slot).catch((thrown: unknown) => log("hub", `leave: ${reasonOf(thrown)}`));
  }

  async close(): Promise<void> {
    window.clearInterval(this.ticker);
    this.stopRenewing();
    this.stopWatching();
    this.releaseAll("left");
    this.voice.stop();
    this.microphone.stop();
    this.loudspeaker.stop();
    await this.signal.close();
  }

  private handleHello(hello: ServerHello): void {
    const isNewServer = hello.serverInstance !== this.serverInstance;
    this.serverInstance = hello.serverInstance;
    this.clock.apply(hello.serverTimeMs);
    this.account.set(hello.account);
    const former = isNewServer ? forgetFloors(this.board.get()) : this.board.get();
    this.handleChannels(applyChannels(former, hello.channels, this.clock.nowMs()));
    this.voice.start();
    if (this.page === "console") void Promise.all([watchCameras(this.signal, this.cameras), this.desk.watch()]);
  }

  private handleFloors(floors: HubFloor[]): void {
    if (floors.some((floor) => hasNewAlert(this.board.get().byId[floor.channelId]?.floor, floor))) this.loudspeaker.signal("emergency");
    this.board.update((board) => applyFloors(board, floors, this.clock.nowMs()));
    for (const floor of floors) this.dispatch(floor.channelId, { name: "floor", floor });
  }

  private handleChannels(board: ChannelBoard): void {
    this.board.set(board);
    this.slots.update((slots) => withoutMissing(slots, board.order));
    this.publishLink();
    for (const { channel } of Object.values(board.byId)) this.dispatch(channel.id, { name: "floor", floor: channel.floor });
  }

  private handleRevoked(revoked: HubFloorRevoked): void {
    this.board.update((board) => applyRevoke(board, revoked, this.clock.nowMs()));
    this.dispatch(revoked.channelId, { name: "revoked", burstId: revoked.burstId, cause: revoked.cause });
  }

  private async askJoin(channelId: string | null, slot: number): Promise<void> {
    if (channelId === null || this.signal.state.get().name !== "connected") return;
    try {
      const reply = await this.signal.join(channelId, slot);
      const { floor } = reply;
      if (floor === null) return;
      this.board.update((board) => applyFloors(board, [floor], this.clock.nowMs()));
      this.dispatch(channelId, { name: "floor", floor });
    } catch (thrown) {
      log("hub", `join: ${reasonOf(thrown)}`);
    }
  }

  private dispatch(channelId: string, event: PttEvent): void {
    const entry = this.board.get().byId[channelId];
    if (entry === undefined) return;
    const { machine, effects } = step(entry.machine, event, this.clock.nowMs());
    this.board.update((board) => applyMachine(board, channelId, machine));
    for (const effect of effects) this.run(channelId, effect);
  }

  private run(channelId: string, effect: PttEffect): void {
    switch (effect.name) {
      case "attachMicrophone":
        this.talking = channelId;
        this.talk.begin();
        break;
      case "detachMicrophone":
        if (this.talking !== channelId) break;
        this.talking = null;
        this.talk.end();
        break;
      case "requestFloor":
        void this.requestFloor(channelId, effect.attempt);
        break;
      case "releaseFloor":
        void this.releaseFloor(channelId, effect.attempt);
        break;
      case "signal":
        this.loudspeaker.signal(effect.signal);
        break;
    }
  }

  private async requestFloor(channelId: string, attempt: number): Promise<void> {
    // A release before this press waits for the same: it goes first.
    await this.talk.ended();
    try {
      const reply = await this.signal.requestFloor(channelId);
      this.dispatch(channelId, { name: "reply", attempt, reply });
    } catch (thrown) {
      log("hub", `floor request: ${reasonOf(thrown)}`);
      this.dispatch(channelId, { name: "requestFailed", attempt, cause: "internalError" });
    }
  }

  private async releaseFloor(channelId: string, attempt: number): Promise<void> {
    // Timers of a hidden page run late, and the floor must not wait for them.
    if (document.visibilityState === "visible") await this.talk.ended();
    // Without a link the server ends the burst by itself.
    await this.signal.releaseFloor(channelId).catch((thrown: unknown) => log("hub", `release: ${reasonOf(thrown)}`));
    this.dispatch(channelId, { name: "released", attempt });
  }

  private readonly publishLink = (): void => {
    const up = this.signal.state.get().name === "connected" && this.voice.state.get().name === "connected";
    for (const channelId of this.board.get().order) this.dispatch(channelId, { name: "link", up });
  };

  private readonly tick = (): void => {
    for (const channelId of this.board.get().order) this.dispatch(channelId, { name: "tick" });
  };
}
