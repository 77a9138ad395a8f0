// Where `partyline chat` connects: what people type, as the URL that the SDK takes.

/** The server on this machine, where it listens unless told otherwise. */
export const DEFAULT_TO = "127.0.0.1:8080";

const SCHEMES: Readonly<Record<string, string>> = {
  "ws:": "ws:",
  "wss:": "wss:",
  // A page's address is the server's.
  "http:": "ws:",
  "https:": "wss:",
  "partyline:": "partyline:",
  "partylines:": "partylines:",
};

/**
 * `localhost:8080`, `[::1]:8080` and `chat.example.org` mean TCP; a URL says what it means.
 * @returns undefined when it is neither
 */
export function parseAddress(text: string): string | undefined {
  const [scheme] = /^[a-z]+:(?=\/\/)/i.exec(text) ?? [];
  if (scheme === undefined) {
    const url = URL.parse(`partyline://${text}`);
    const isPlain = url !== null && url.hostname !== "" && /^[^/?#@\s]+$/.test(text);
    return isPlain ? `partyline://${text}` : undefined;
  }
  const meant = SCHEMES[scheme.toLowerCase()];
  if (meant === undefined || URL.parse(text) === null) return undefined;
  return meant + text.slice(scheme.length);
}
