// Where the terminal client keeps what must outlive it: the outbox, and how far it has received.

import { homedir } from "node:os";
import { join } from "node:path";
import { fileStore, LineError, type Store, type Stored } from "../client/index.ts";
import { nameKey } from "../protocol/name-keys.ts";

/** How many clients of one name may run at the same time on one machine. */
const MOST = 9;

/** `$XDG_STATE_HOME/partyline`, by default `~/.local/state/partyline` (XDG Base Directory Specification). */
export function stateFolder(environment: Readonly<Record<string, string | undefined>>): string {
  const state = environment["XDG_STATE_HOME"];
  const isSet = state !== undefined && state.startsWith("/");
  return join(isSet ? state : join(homedir(), ".local", "state"), "partyline");
}

/** What one client has of its name on this machine, taken for it alone until its store is closed. */
export interface State {
  /** Open already: what it keeps is given at once. */
  readonly store: Store;
  /** What is kept at the moment. */
  readonly stored: () => Stored | undefined;
  /** The files of other clients of the name, alive or not. */
  readonly others: readonly string[];
}

/** Takes the first file of a name at a server that no living client has. @throws LineError `store` */
export async function takeState(folder: string, url: string, name: string): Promise<State> {
  const { host } = new URL(url);
  const base = join(folder, encodeURIComponent(host || "local"), encodeURIComponent(nameKey(name)));
  const paths = Array.from({ length: MOST }, (_, at) =>
    at === 0 ? `${base}.json` : `${base}-${at + 1}.json`,
  );
  for (const path of paths) {
    const taken = await openIfFree(path);
    if (taken === undefined) continue;
    let { stored } = taken;
    const store: Store = {
      open: () => Promise.resolve(stored),
      write: (next) => taken.store.write((stored = next)),
      close: () => taken.store.close(),
    };
    return { store, stored: () => stored, others: paths.filter((one) => one !== path) };
  }
  throw new LineError("store", `${MOST} clients of this name run here already`);
}

/** @returns undefined when a client that is alive has it. @throws LineError `store` */
export async function openIfFree(
  path: string,
): Promise<{ readonly store: Store; readonly stored: Stored | undefined } | undefined> {
  const store = fileStore(path);
  try {
    return { store, stored: await store.open() };
  } catch (error) {
    if (error instanceof LineError && error.code === "store-in-use") return undefined;
    throw error;
  }
}
