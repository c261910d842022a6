/** The fragment that asks for an ICE restart: the new offer's credentials. RFC 8840 §9, RFC 9725 §4.3.3. */
export function restartFragment(offer: string): string {
  const lines = offer.split("\r\n");
  const media = lines.findIndex((line) => line.startsWith("m="));
  const first = (start: string): string[] => lines.filter((line) => line.startsWith(start)).slice(0, 1);
  return [
    ...first("a=group:"),
    ...lines.slice(media, media + 1),
    ...first("a=mid:"),
    ...first("a=ice-ufrag:"),
    ...first("a=ice-pwd:"),
    "",
  ].join("\r\n");
}

/** The former answer with the credentials of the server's fragment; null when that has none. */
export function withCredentials(answer: string, fragment: string): string | null {
  const ufrag = /^a=ice-ufrag:.*$/m.exec(fragment)?.[0].trim();
  const password = /^a=ice-pwd:.*$/m.exec(fragment)?.[0].trim();
  if (ufrag === undefined || password === undefined) return null;
  return answer.replaceAll(/^a=ice-ufrag:[^\r\n]*/gm, ufrag).replaceAll(/^a=ice-pwd:[^\r\n]*/gm, password);
}
