import { callApi } from "../../link/ApiClient";
import type { SessionKeeper } from "../../link/SessionKeeper";
import { Store } from "../../lib/store";
import type { DialedCall } from "../../protocol/api";
import { decodeDialedCall } from "../../protocol/api";

const pollMs = 2_000;
const shownCalls = 4;

/** Calls that this console's server dialled, as the box shows them. */
export class Dialer {
  readonly calls = new Store<readonly DialedCall[]>([]);

  constructor(private readonly session: SessionKeeper) {}

  /** Looks now and then while the box is shown; returns what ends that. */
  follow(): () => void {
    void this.look();
    const timer = setInterval(() => void this.look(), pollMs);
    return () => clearInterval(timer);
  }

  /** Null when the call is on its way, else the problem's code. */
  async dial(number: string, channelId: string): Promise<string | null> {
    const token = await this.session.accessToken();
    if (!token.ok) return "unreachable";
    const answer = await callApi({ method: "POST", path: "/api/v1/calls", body: { number, channelId }, token: token.value });
    if (!answer.ok) return answer.error.reason === "refused" ? answer.error.problem.code : "unreachable";
    await this.look();
    return null;
  }

  async hangUp(id: string): Promise<void> {
    const token = await this.session.accessToken();
    if (token.ok) await callApi({ method: "DELETE", path: `/api/v1/calls/${encodeURIComponent(id)}`, token: token.value });
    await this.look();
  }

  private async look(): Promise<void> {
    const token = await this.session.accessToken();
    if (!token.ok) return;
    const answer = await callApi({ method: "GET", path: "/api/v1/calls", token: token.value });
    if (answer.ok) this.calls.set(newest(answer.value));
  }
}

/** The newest calls of an answer; those that cannot be read are left out. */
export function newest(body: unknown): readonly DialedCall[] {
  const calls = Array.isArray(body) ? body.map(decodeDialedCall) : [];
  return calls.filter((call) => call !== null).slice(0, shownCalls);
}

export function isOver(call: DialedCall): boolean {
  return call.stage === "ended";
}
