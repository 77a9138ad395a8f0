// What the commands for scripts say to whoever looks after them: a line each, on stderr.

import type { LineError } from "../client/index.ts";
import { sanitizeLine } from "../terminal/sanitize.ts";

export function say(text: string): void {
  process.stderr.write(`partyline: ${sanitizeLine(text)}\n`);
}

const SECRET =
  "PARTYLINE_TOKEN or PARTYLINE_PASSWORD may hold the right one, or --token-file name a file with it";

/** What can be done, where the server cannot know it. */
const WHAT_TO_DO: Partial<Record<LineError["code"], string>> = {
  "name-taken": "an open name is connected once; an account may be more than once",
  "wrong-password": SECRET,
  "token-revoked": SECRET,
  "account-required": SECRET,
  "tls-required": "--server partylines://HOST:PORT, or https://HOST, is TLS",
  store: "files are in $XDG_STATE_HOME/partyline or ~/.local/state/partyline, if no other is named",
  "line-too-long":
    "a message with its recipients has 64 KiB, or what --max-line-bytes of the server says",
  "inbox-full": "send it again when they have read",
};

/** The code, what was said, and what one can do. */
export function explain({ code, message }: Pick<LineError, "code" | "message">): string {
  const advice = WHAT_TO_DO[code];
  return `${code} ${sanitizeLine(message)}${advice === undefined ? "" : ` (${advice})`}`;
}
