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
  /** A file to send as it is, instead of a JSON body. */
  file?: { type: string; data: Blob };
  token?: string;
  timeoutMs?: number;
}

const requestTimeoutMs = 15_000;

/** One HTTP API call; JSON or a file in, decoded JSON (or null for an empty body) out. Never throws. */
export function callApi(request: ApiRequest): Promise<Result<unknown, ApiFailure>> {
  return send(request, readBody);
}

/** One HTTP API call whose answer is a file. Never throws. */
export function downloadFile(request: ApiRequest): Promise<Result<Blob, ApiFailure>> {
  return send(request, (response) => response.blob());
}

async function send<T>(request: ApiRequest, read: (response: Response) => Promise<T>): Promise<Result<T, ApiFailure>> {
  const headers = new Headers({ accept: "application/json, text/csv" });
  if (request.token !== undefined) headers.set("authorization", `Bearer ${request.token}`);
  const body = request.file?.data ?? (request.body === undefined ? null : JSON.stringify(request.body));
  if (body !== null) headers.set("content-type", request.file?.type ?? "application/json");
  try {
    const response = await fetch(request.path, {
      method: request.method,
      headers,
      signal: AbortSignal.timeout(request.timeoutMs ?? requestTimeoutMs),
      ...(body === null ? {} : { body }),
    });
    if (response.ok) return ok(await read(response));
    // A proxy in front of a server that restarts answers 502 to 504: as unreachable as a closed port.
    if (response.status >= 502 && response.status <= 504) {
      return fail({ reason: "unreachable", detail: `HTTP ${response.status}` });
    }
    return fail({
      reason: "refused",
      problem: decodeProblem(response.status, await readBody(response)),
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
