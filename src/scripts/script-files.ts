// The files of the commands for scripts: what of a run is there for the next one. Nothing that was not sent is,
// unless that is asked for: who has ended sends nothing.

import { existsSync, readFileSync } from "node:fs";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { LineError, type Store, type Stored } from "../client/index.ts";
import { KEEP_AGAIN } from "../client/outbox.ts";
import { newStored } from "../client/store.ts";
import { say } from "./say.ts";
import { openIfFree, type State, statePaths, takeFirst } from "../terminal/state-file.ts";

/** How many `send` of one name may run at the same time on one machine. */
const MOST_SENDERS = 64;

/** A file that nobody else has, until its store is closed. */
export interface ScriptFile {
  readonly store: Store;
  /** Whether another `send` of the name runs here. */
  readonly isBesideSender: () => Promise<boolean>;
}

/** @param base of the files of the name: see `stateBase` */
export function senderPaths(base: string): string[] {
  return statePaths(`${base}+send`, MOST_SENDERS);
}

/**
 * One listener at a time has it. What cannot be kept is waited for: a command that was run is not run again since a
 * disk was full for a while.
 * @param signal nothing is waited for any more
 * @throws LineError `store`
 */
export async function takeListenerFile(
  path: string,
  base: string,
  signal: AbortSignal,
): Promise<ScriptFile> {
  const taken = await openIfFree(path);
  if (taken === undefined) {
    const other = "one that is to be given everything, too, has a file of its own, with --state";
    throw new LineError("store-in-use", `another partyline listen has ${path}: ${other}`);
  }
  const { store, stored } = taken;
  return {
    store: {
      open: () => Promise.resolve(stored),
      async write(next) {
        for (let tries = 1; ; tries++) {
          try {
            return await store.write(next);
          } catch (error) {
            if (signal.aborted) throw error;
            if (tries === 1) say(`${path} cannot be written, and is tried again: ${textOf(error)}`);
          }
          await pause(KEEP_AGAIN, undefined, { signal }).catch(() => {});
        }
      },
      close: () => store.close(),
    },
    isBesideSender: () => hasSender(base),
  };
}

function textOf(error: unknown): string {
  return (error as Error).message;
}

export interface SenderFile extends ScriptFile {
  /** One's own message has this seq: what lies below is nothing that a sender wants to be given. */
  readonly passed: (seq: number) => void;
  /** How many messages of the input, from the first on, were given in an earlier run. */
  readonly taken: number;
  /** Whether the file is of an input that begins so. */
  readonly isOf: (to: readonly string[], first: string) => boolean;
}

/**
 * Of the outbox its id and its number are kept, so that the server need not know another one for each run; what
 * is in it is only in memory. @throws LineError `store`
 */
export async function takeSenderFile(base: string): Promise<SenderFile> {
  const paths = senderPaths(base);
  const state = await takeFirst(paths);
  let kept = state.stored();
  let isWritten = kept !== undefined;
  let passed: Stored["received"];
  const write = async (): Promise<void> => {
    if (kept === undefined) return;
    const { received } = kept;
    const isOfLog = received !== undefined && passed?.log === received.log;
    const seq = Math.max(received?.seq ?? 0, isOfLog ? (passed?.seq ?? 0) : 0);
    await state.store.write({
      ...kept,
      sends: [],
      ...(received === undefined ? {} : { received: { log: received.log, seq } }),
    });
  };
  const store: Store = {
    open: () => Promise.resolve(kept),
    async write(next) {
      const isNews = next.token !== kept?.token || next.resume !== kept?.resume;
      kept = next;
      if (!isWritten) await write();
      // Without this the next run has to say its password, and a full disk is no reason to send nothing.
      else if (isNews) await write().catch(() => {});
      isWritten = true;
      // What is sent in one turn is kept, and goes out, together.
      await turn();
    },
    async close() {
      await write().catch(() => {});
      await state.store.close();
    },
  };
  return {
    store,
    taken: 0,
    isOf: () => true,
    passed(seq) {
      const log = kept?.received?.log;
      if (log !== undefined) passed = { log, seq };
    },
    isBesideSender: () => hasSender(base, state),
  };
}

/** A store with a session that another client of the name has kept here, where it has none. */
export function withSession(store: Store, session: string | undefined): Store {
  return {
    async open() {
      const stored = await store.open();
      if (session === undefined || stored?.token === session) return stored;
      return { ...(stored ?? newStored()), token: session };
    },
    write: (next) => store.write(next),
    close: () => store.close(),
  };
}

/** The sessions in these files, each once. Who has a file writes it as a whole, so it may be read meanwhile. */
export function sessionsIn(paths: readonly string[]): string[] {
  const sessions = paths.filter((path) => existsSync(path)).map(sessionIn);
  return Array.from(new Set(sessions.filter((session) => session !== undefined)));
}

function sessionIn(path: string): string | undefined {
  try {
    const { token } = JSON.parse(readFileSync(path, "utf8")) as Partial<Stored>;
    return typeof token === "string" ? token : undefined;
  } catch {
    // Whoever takes that file is told what is wrong with it.
    return undefined;
  }
}

/** Whether a `send` of the name runs here, besides one's own. */
export async function hasSender(base: string, own?: State): Promise<boolean> {
  for (const path of own?.others ?? senderPaths(base)) {
    if (!existsSync(path)) continue;
    const taken = await openIfFree(path);
    if (taken === undefined) return true;
    await taken.store.close();
  }
  return false;
}
