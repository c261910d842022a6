// The HTTP API's bodies as this client reads them. Every decoder returns null for a body of another shape.

export interface Account {
  id: string;
  displayName: string;
  role: string;
  mustChangePassword: boolean;
}

export interface SessionTokens {
  accessToken: string;
  refreshToken: string;
  expiresInSeconds: number;
  account: Account;
}

export interface CameraEntry {
  id: string;
  nameZh: string;
  nameEn: string;
  department: string;
  state: string;
  reason: string;
  viewers: number;
  /** How the camera itself is: "unknown", "online", "degraded", "faulty", "offline". */
  condition: string;
  conditionReason: string;
  /** 0 while nothing was seen of it. */
  conditionSinceMs: number;
}

export type DialStage = "calling" | "ringing" | "up" | "ended";

/** A call that was dialled into a channel. */
export interface DialedCall {
  id: string;
  number: string;
  channelId: string;
  stage: DialStage;
  /** The status that refused it; 0 otherwise. */
  status: number;
}

export interface Page<T> {
  items: T[];
  next: string | null;
  /** Every match, also those of other pages. */
  total: number;
}

/** What an import of cameras did, or would do. */
export interface ImportReport {
  dryRun: boolean;
  rows: number;
  created: number;
  changed: number;
  unchanged: number;
  faulty: number;
  faults: ImportFault[];
}

export interface ImportFault {
  line: number;
  cameraId: string;
  column: string;
  fault: string;
}

/** How many cameras of one site are how. */
export interface SiteCounts {
  id: string;
  total: number;
  online: number;
  degraded: number;
  faulty: number;
  offline: number;
  unknown: number;
  live: number;
}

/** RFC 9457 problem with the server's stable code. */
export interface Problem {
  status: number;
  code: string;
  detail: string;
}

type Fields = Record<string, unknown>;

function fields(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** An ISO 8601 time in milliseconds since 1970; 0 for anything else. */
function moment(value: unknown): number {
  const at = typeof value === "string" ? Date.parse(value) : Number.NaN;
  return Number.isFinite(at) ? at : 0;
}

export function decodeAccount(body: unknown): Account | null {
  const account = fields(body);
  if (account === null || typeof account["id"] !== "string") return null;
  return {
    id: account["id"],
    displayName: text(account["displayName"]),
    role: text(account["role"]),
    mustChangePassword: account["mustChangePassword"] === true,
  };
}

export function decodeSessionTokens(body: unknown): SessionTokens | null {
  const session = fields(body);
  const account = decodeAccount(session?.["account"]);
  if (session === null || account === null) return null;
  const accessToken = text(session["accessToken"]);
  const refreshToken = text(session["refreshToken"]);
  if (accessToken === "" || refreshToken === "") return null;
  return { accessToken, refreshToken, expiresInSeconds: count(session["expiresInSeconds"]), account };
}

export function decodeDialedCall(body: unknown): DialedCall | null {
  const call = fields(body);
  const stage = call?.["stage"];
  if (call === null || typeof call["id"] !== "string" || !isDialStage(stage)) return null;
  return { id: call["id"], number: text(call["number"]), channelId: text(call["channelId"]), stage, status: count(call["status"]) };
}

function isDialStage(value: unknown): value is DialStage {
  return value === "calling" || value === "ringing" || value === "up" || value === "ended";
}

export function decodeCamera(body: unknown): CameraEntry | null {
  const camera = fields(body);
  if (camera === null || typeof camera["id"] !== "string") return null;
  const status = fields(camera["status"]) ?? {};
  const health = fields(camera["health"]) ?? {};
  return {
    id: camera["id"],
    nameZh: text(camera["nameZh"]),
    nameEn: text(camera["nameEn"]),
    department: text(camera["department"]),
    state: text(status["state"]) || "idle",
    reason: text(status["reason"]),
    viewers: count(status["viewers"]),
    condition: text(health["condition"]) || "unknown",
    conditionReason: text(health["reason"]),
    conditionSinceMs: moment(health["since"]),
  };
}

export function decodePage<T>(body: unknown, decodeItem: (item: unknown) => T | null): Page<T> | null {
  const page = fields(body);
  if (page === null || !Array.isArray(page["items"])) return null;
  const items = page["items"].map(decodeItem).filter((item) => item !== null);
  return { items, next: text(page["next"]) || null, total: count(page["total"]) };
}

export function decodeImportReport(body: unknown): ImportReport | null {
  const report = fields(body);
  if (report === null || !Array.isArray(report["faults"])) return null;
  return {
    dryRun: report["dryRun"] === true,
    rows: count(report["rows"]),
    created: count(report["created"]),
    changed: count(report["changed"]),
    unchanged: count(report["unchanged"]),
    faulty: count(report["faulty"]),
    faults: report["faults"].map(decodeImportFault).filter((fault) => fault !== null),
  };
}

function decodeImportFault(body: unknown): ImportFault | null {
  const fault = fields(body);
  if (fault === null) return null;
  return {
    line: count(fault["line"]),
    cameraId: text(fault["cameraId"]),
    column: text(fault["column"]),
    fault: text(fault["fault"]),
  };
}

export function decodeSiteCounts(body: unknown): SiteCounts[] | null {
  if (!Array.isArray(body)) return null;
  return body
    .map(fields)
    .filter((site) => site !== null)
    .map((site) => ({
      id: text(site["id"]),
      total: count(site["total"]),
      online: count(site["online"]),
      degraded: count(site["degraded"]),
      faulty: count(site["faulty"]),
      offline: count(site["offline"]),
      unknown: count(site["unknown"]),
      live: count(site["live"]),
    }));
}

export function decodeProblem(status: number, body: unknown): Problem {
  const problem = fields(body);
  return { status, code: text(problem?.["code"]), detail: text(problem?.["detail"]) || text(problem?.["title"]) };
}

/** The stored session of this browser; shared by all of its pages. */
export interface StoredSession {
  accessToken: string;
  refreshToken: string;
  expiresAtMs: number;
  account: Account;
}

export function decodeStoredSession(body: unknown): StoredSession | null {
  const stored = fields(body);
  const tokens = decodeSessionTokens(body);
  if (stored === null || tokens === null) return null;
  return {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    expiresAtMs: count(stored["expiresAtMs"]),
    account: tokens.account,
  };
}
