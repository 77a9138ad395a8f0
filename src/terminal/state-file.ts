// Where the terminal client keeps what must outlive it: the outbox, and how far it has received.

import { createHash } from "node:crypto";
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
  return takeFirst(statePaths(stateBase(folder, url, name), MOST));
}

/** The longest name of a file that is made of a name, in bytes: most file systems end at 255, and an ending follows. */
const LONGEST = 200;

/** The path of a name's files at a server, without what follows the name: `+`, which is in no name, or the ending. */
export function stateBase(folder: string, url: string, name: string): string {
  const { host } = new URL(url);
  const key = nameKey(name);
  const readable = encodeURIComponent(key);
  const file =
    readable.length <= LONGEST ? readable : `+${createHash("sha256").update(key).digest("hex")}`;
  return join(folder, encodeURIComponent(host || "local"), file);
}

/** The files of several clients of one kind. */
export function statePaths(base: string, most: number): string[] {
  return Array.from({ length: most }, (_, at) =>
    at === 0 ? `${base}.json` : `${base}+${at + 1}.json`,
  );
}

/** Takes the first of these that no living client has. @throws LineError `store` */
export async function takeFirst(paths: readonly string[]): Promise<State> {
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
  throw new LineError("store-in-use", `${paths.length} clients of this name run here already`);
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
