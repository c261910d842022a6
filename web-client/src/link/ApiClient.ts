import { reasonOf } from "../lib/log";
import type { Result } from "../lib/result";
import { fail, ok } from "../lib/result";
import type { Problem } from "../protocol/api";
import { decodeProblem } from "../protocol/api";

/** Why a request has no answer: the server could not be reached, or it said no. */
export type ApiFailure =
  | { reason: "unreachable"; detail: string }
  | { reason: "refused"; problem: Problem; retryAfterSeconds: number };

export interface ApiRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  path: string;
  body?: unknown;
  token?: string;
}

const requestTimeoutMs = 15_000;

/** One HTTP API call; JSON in, decoded JSON (or null for an empty body) out. Never throws. */
export async function callApi(request: ApiRequest): Promise<Result<unknown, ApiFailure>> {
  const headers = new Headers({ accept: "application/json" });
  if (request.token !== undefined) headers.set("authorization", `Bearer ${request.token}`);
  if (request.body !== undefined) headers.set("content-type", "application/json");
  try {
    const response = await fetch(request.path, {
      method: request.method,
      headers,
      signal: AbortSignal.timeout(requestTimeoutMs),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const body = await readBody(response);
    if (response.ok) return ok(body);
    // A proxy in front of a server that restarts answers 502 to 504: as unreachable as a closed port.
    if (response.status >= 502 && response.status <= 504) {
      return fail({ reason: "unreachable", detail: `HTTP ${response.status}` });
    }
    return fail({
      reason: "refused",
      problem: decodeProblem(response.status, body),
      retryAfterSeconds: parseRetryAfter(response.headers.get("retry-after")),
    });
  } catch (thrown) {
    return fail({ reason: "unreachable", detail: reasonOf(thrown) });
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  if (text === "") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Whole seconds of a Retry-After header; 0 when there is none or it is a date. */
export function parseRetryAfter(value: string | null): number {
  const seconds = value === null ? Number.NaN : Number.parseInt(value, 10);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}
