import type { HubAccount, HubChannel } from "../../protocol/hub";

/** Whether this account orders the queue of a channel; the server decides by the same rule. */
export function mayArbitrate(account: HubAccount | null, channel: HubChannel): boolean {
  return channel.right === "supervise" || account?.role === "dispatcher" || account?.role === "administrator";
}
