const keptLines = 300;
const lines: string[] = [];

/** One line per lifecycle edge, kept in memory for the diagnostics hook. Never a token, password or SDP. */
export function log(part: string, message: string): void {
  lines.push(`${new Date().toISOString()} ${part} ${message}`);
  if (lines.length > keptLines) lines.splice(0, lines.length - keptLines);
}

export function loggedLines(): readonly string[] {
  return [...lines];
}

/** What an unknown thrown value says. */
export function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
