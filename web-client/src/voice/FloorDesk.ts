import { log, reasonOf } from "../lib/log";
import { Store } from "../lib/store";
import type { SignalLink } from "../link/SignalLink";
import type { HubFloorQueue, HubWaiter } from "../protocol/hub";

/** Who waits in each channel, the next first; channels where nobody does are missing. */
export type Queues = Readonly<Record<string, readonly HubWaiter[]>>;

/** The newest queue of each channel replaces what is known. */
export function applyQueues(queues: Queues, changed: readonly HubFloorQueue[]): Queues {
  const next: Record<string, readonly HubWaiter[]> = { ...queues };
  for (const { channelId, waiting } of changed) {
    if (waiting.length === 0) delete next[channelId];
    else next[channelId] = waiting;
  }
  return next;
}

/** What people do about floors besides talking: arbitrate queues, raise and cancel emergencies. */
export class FloorDesk {
  readonly queues = new Store<Queues>({});
  /** Why the last order could not be carried out, as the server says it; "" when it could. */
  readonly refusal = new Store("");

  constructor(private readonly signal: SignalLink) {}

  apply(changed: readonly HubFloorQueue[]): void {
    this.queues.update((queues) => applyQueues(queues, changed));
  }

  async watch(): Promise<void> {
    try {
      const all = await this.signal.watchQueues(true);
      this.queues.set(applyQueues({}, all));
    } catch (thrown) {
      log("hub", `queues: ${reasonOf(thrown)}`);
    }
  }

  goAhead(channelId: string, requestId: number): void {
    void this.order(this.signal.moveQueued(channelId, requestId, 1));
  }

  remove(channelId: string, requestId: number): void {
    void this.order(this.signal.removeQueued(channelId, requestId));
  }

  /** Takes the floor from its talker, for a waiting request or for nobody (0). */
  preempt(channelId: string, requestId: number): void {
    void this.order(this.signal.preemptFloor(channelId, requestId));
  }

  raiseEmergency(channelId: string): void {
    void this.order(this.signal.raiseEmergency(channelId));
  }

  cancelEmergency(channelId: string, unitId: string): void {
    void this.order(this.signal.cancelEmergency(channelId, unitId));
  }

  private async order(answer: Promise<string>): Promise<void> {
    try {
      this.refusal.set(await answer);
    } catch (thrown) {
      log("hub", `order: ${reasonOf(thrown)}`);
      this.refusal.set("internalError");
    }
  }
}
