// Where the terminal client keeps what must outlive it: the outbox, and how far it has received.

import { homedir } from "node:os";
import { join } from "node:path";
import { fileStore, LineError, type Store } from "../client/index.ts";
import { nameKey } from "../protocol/name-keys.ts";

/** How many clients of one name may run at the same time on one machine. */
const MOST = 9;

/** `$XDG_STATE_HOME/partyline`, by default `~/.local/state/partyline` (XDG Base Directory Specification). */
export function stateFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment["XDG_STATE_HOME"];
  const isSet = state !== undefined && state.startsWith("/");
  return join(isSet ? state : join(homedir(), ".local", "state"), "partyline");
}

/** @returns the store of a name at a server; of several clients at once each has its own */
export function stateStore(folder: string, url: string, name: string): Store {
  const { host } = new URL(url);
  const base = join(folder, encodeURIComponent(host || "local"), encodeURIComponent(nameKey(name)));
  return firstFree(
    Array.from({ length: MOST }, (_, at) => (at === 0 ? `${base}.json` : `${base}-${at + 1}.json`)),
  );
}

/** The first of these stores that no other client has. */
function firstFree(paths: readonly string[]): Store {
  let taken: Store | undefined;
  const store = (): Store => {
    if (taken === undefined) throw new LineError("store", "it is not open");
    return taken;
  };
  return {
    async open() {
      for (const path of paths) {
        const next = fileStore(path);
        try {
          const stored = await next.open();
          taken = next;
          return stored;
        } catch (error) {
          if (!isLocked(error) || path === paths.at(-1)) throw error;
        }
      }
      throw new LineError("store", "there is none");
    },
    write: (stored) => store().write(stored),
    close: async () => taken?.close(),
  };
}

function isLocked(error: unknown): boolean {
  return (
    error instanceof LineError && error.code === "store" && error.message.includes("is locked")
  );
}
