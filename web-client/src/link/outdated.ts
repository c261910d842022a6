import { readTab, writeTab } from "../lib/storage";

const reloadedKey = "comms.reloadedAs";

/**
 * A page that the server calls too old or too new loads itself anew, but only once: when the newly loaded page is still the
 * same version, an old copy sits between browser and server, and the user is asked.
 */
export function shouldReload(reloadedAs: string | null, version: number): boolean {
  return reloadedAs !== String(version);
}

/** Called when the server refuses this page's version. */
export function reloadOnce(version: number, reload: () => void): void {
  if (shouldReload(readTab(reloadedKey), version) && writeTab(reloadedKey, String(version))) reload();
}

/** Called when the server accepts this page's version. */
export function forgetReload(): void {
  writeTab(reloadedKey, null);
}
