// Tells whoever waits for a command in a pipe or a script why it takes so long.

import type { Writable } from "node:stream";
import type { Line } from "../client/index.ts";
import { sanitizeLine } from "./sanitize.ts";

/** Writes a line when the connection is lost, or cannot be had, and one when it is there again. */
export function tellOutages(line: Line, server: string, stderr: Writable): void {
  let isAway = false;
  line.on("state", (state) => {
    if (state.kind === "reconnecting" && !isAway) {
      isAway = true;
      const why = sanitizeLine(state.why);
      stderr.write(`partyline: no connection to ${server} (${why}); trying until there is one\n`);
    } else if (state.kind === "online" && isAway) {
      isAway = false;
      stderr.write(`partyline: connected to ${server}\n`);
    }
  });
}
