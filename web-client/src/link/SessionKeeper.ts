import { nowMs } from "../lib/clock";
import { log } from "../lib/log";
import type { Result } from "../lib/result";
import { fail, ok } from "../lib/result";
import { parseJson, readStored, writeStored } from "../lib/storage";
import { Store } from "../lib/store";
import type { Account, StoredSession } from "../protocol/api";
import { decodeSessionTokens, decodeStoredSession } from "../protocol/api";
import type { ApiFailure } from "./ApiClient";
import { callApi } from "./ApiClient";

const storageKey = "comms.session";
const lockName = "comms.session";
const refreshMarginMs = 60_000;

export type SessionState = { name: "signedOut"; ended: boolean } | { name: "signedIn"; account: Account };

/**
 * The signed-in session of this browser, shared by its pages through localStorage. Refresh tokens are spent once, so
 * only one page refreshes at a time (Web Locks) and the others take over what it stored.
 */
export class SessionKeeper {
  readonly state: Store<SessionState>;
  /** The newest access token, for links that outlive one; null when signed out. */
  readonly token: Store<string | null>;
  private stored: StoredSession | null;
  private refreshing: Promise<Result<string, ApiFailure>> | null = null;

  constructor() {
    this.stored = decodeStoredSession(parseJson(readStored(storageKey)));
    this.state = new Store<SessionState>(stateOf(this.stored, false));
    this.token = new Store<string | null>(this.stored?.accessToken ?? null);
    window.addEventListener("storage", (event) => {
      if (event.key === storageKey || event.key === null) this.adopt(event.key === null ? null : event.newValue);
    });
  }

  async signIn(userName: string, password: string): Promise<Result<Account, ApiFailure>> {
    const answer = await callApi({ method: "POST", path: "/api/v1/sessions", body: { userName, password } });
    if (!answer.ok) return answer;
    return this.keep(answer.value);
  }

  /** Changes the password and signs in anew with it, because the change ends all sessions of the account. */
  async changePassword(oldPassword: string, newPassword: string): Promise<Result<Account, ApiFailure>> {
    const token = await this.accessToken();
    if (!token.ok) return token;
    const body = { oldPassword, newPassword };
    const answer = await callApi({ method: "PUT", path: "/api/v1/me/password", body, token: token.value });
    if (!answer.ok) return answer;
    const userName = this.stored?.account.id ?? "";
    return await this.signIn(userName, newPassword);
  }

  async signOut(): Promise<void> {
    const token = this.stored?.accessToken;
    this.forget(false);
    if (token !== undefined) await callApi({ method: "DELETE", path: "/api/v1/sessions", token });
  }

  /** The server ended the session. */
  end(): void {
    if (this.stored !== null) this.forget(true);
  }

  /** A token with at least a minute to live; refreshed when needed. */
  async accessToken(): Promise<Result<string, ApiFailure>> {
    if (this.stored !== null && this.stored.expiresAtMs - refreshMarginMs > nowMs()) return ok(this.stored.accessToken);
    return await this.refresh();
  }

  /** Milliseconds until the token should be refreshed; 0 when it should be now. */
  refreshInMs(): number {
    return this.stored === null ? 0 : Math.max(0, this.stored.expiresAtMs - refreshMarginMs - nowMs());
  }

  /** Asks the server whether the token still counts, after a link was refused for a reason the browser hides. */
  async verify(): Promise<void> {
    const token = await this.accessToken();
    if (!token.ok) return;
    const answer = await callApi({ method: "GET", path: "/api/v1/me", token: token.value });
    if (!answer.ok && answer.error.reason === "refused" && answer.error.problem.status === 401) await this.refresh();
  }

  /** Spends the refresh token for a new pair; one request for all that ask at the same time. */
  refresh(): Promise<Result<string, ApiFailure>> {
    this.refreshing ??= this.refreshLocked().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async refreshLocked(): Promise<Result<string, ApiFailure>> {
    // Web Locks exist in secure contexts only; elsewhere there is no microphone and one page at a time is the rule.
    if (!("locks" in navigator)) return await this.refreshNow();
    return await navigator.locks.request(lockName, () => this.refreshNow());
  }

  private async refreshNow(): Promise<Result<string, ApiFailure>> {
    const former = this.stored;
    const shared = decodeStoredSession(parseJson(readStored(storageKey)));
    if (shared !== null && former !== null && shared.refreshToken !== former.refreshToken) {
      this.stored = shared;
      this.publish(false);
      if (shared.expiresAtMs - refreshMarginMs > nowMs()) return ok(shared.accessToken);
    }
    if (this.stored === null) return fail(signedOutFailure);
    const body = { refreshToken: this.stored.refreshToken };
    const answer = await callApi({ method: "POST", path: "/api/v1/sessions/refresh", body });
    if (answer.ok) {
      const kept = this.keep(answer.value);
      return kept.ok && this.stored !== null ? ok(this.stored.accessToken) : fail(signedOutFailure);
    }
    const status = answer.error.reason === "refused" ? answer.error.problem.status : 0;
    if (status === 400 || status === 401 || status === 403) {
      log("session", `refresh refused: ${status}`);
      this.forget(true);
    }
    return answer;
  }

  private keep(body: unknown): Result<Account, ApiFailure> {
    const tokens = decodeSessionTokens(body);
    if (tokens === null) {
      return fail({ reason: "unreachable", detail: "The server's answer was not understood." });
    }
    this.stored = {
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      expiresAtMs: nowMs() + tokens.expiresInSeconds * 1000,
      account: tokens.account,
    };
    writeStored(storageKey, JSON.stringify({ ...this.stored, expiresInSeconds: tokens.expiresInSeconds }));
    this.publish(false);
    return ok(tokens.account);
  }

  private adopt(text: string | null): void {
    this.stored = decodeStoredSession(parseJson(text));
    this.publish(false);
  }

  private forget(ended: boolean): void {
    this.stored = null;
    writeStored(storageKey, null);
    this.publish(ended);
  }

  private publish(ended: boolean): void {
    const next = stateOf(this.stored, ended);
    const now = this.state.get();
    this.token.set(this.stored?.accessToken ?? null);
    if (next.name === "signedIn" && now.name === "signedIn" && isSameAccount(next.account, now.account)) return;
    this.state.set(next);
  }
}

const signedOutFailure: ApiFailure = {
  reason: "refused",
  problem: { status: 401, code: "signedOut", detail: "" },
  retryAfterSeconds: 0,
};

function stateOf(stored: StoredSession | null, ended: boolean): SessionState {
  return stored === null ? { name: "signedOut", ended } : { name: "signedIn", account: stored.account };
}

function isSameAccount(left: Account, right: Account): boolean {
  return (
    left.id === right.id &&
    left.role === right.role &&
    left.displayName === right.displayName &&
    left.mustChangePassword === right.mustChangePassword
  );
}
