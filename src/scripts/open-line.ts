// The line that the commands for scripts use: who they are, and where they connect. It is logged in, so that
// whatever is wrong with that is told before anything is read or done.

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Line, LineError, type LineEvents } from "../client/index.ts";
import { parseAddress } from "../terminal/address.ts";
import { stateBase, stateFolder } from "../terminal/state-file.ts";
import { tellOutages } from "../terminal/tell-outage.ts";
import { say } from "./say.ts";
import { type ScriptFile, senderPaths, sessionsIn, withSession } from "./script-files.ts";

export interface ScriptOptions {
  /** Who it is. */
  readonly as: string;
  /** `HOST:PORT`, or a URL. */
  readonly server: string;
  /** A file with a token; otherwise PARTYLINE_TOKEN or PARTYLINE_PASSWORD may have one. */
  readonly tokenFile?: string;
  /** Ends it; the reason is the name of a signal of the system. */
  readonly signal: AbortSignal;
}

/** What is wrong with how a command was called. */
export class UsageError extends Error {}

/** How long until a name that another `send` has is tried again, in ms. */
const NAME_AGAIN = 250;

export interface Opening<F extends ScriptFile> {
  /** Takes the file of this command, among those of the name, whose paths begin with `base`. */
  readonly take: (base: string) => Promise<F>;
  /** Keeps what is refused in that file. */
  readonly keepRefused?: boolean;
  readonly lost?: (lost: LineEvents["lost"]) => void;
}

/**
 * Connects and logs in, as soon as that is possible.
 * @throws UsageError, LineError; `aborted` when the signal came first
 */
export async function openLine<F extends ScriptFile>(
  { as: name, server, tokenFile, signal }: ScriptOptions,
  { take, keepRefused = false, lost }: Opening<F>,
): Promise<{ readonly line: Line; readonly file: F }> {
  const url = parseAddress(server);
  if (url === undefined) {
    throw new UsageError(`--server ${JSON.stringify(server)} is neither HOST:PORT nor a URL`);
  }
  const secret = secretOf(tokenFile);
  const base = stateBase(stateFolder(process.env), url, name);
  const sessions = sessionsIn([`${base}+send.json`, `${base}.json`, ...senderPaths(base)]);
  let isTold = false;
  for (;;) {
    const file = await take(base);
    const line = connect(url, {
      name,
      ...secret,
      keepRefused,
      store: withSession(file.store, sessions[0]),
    });
    tellOutages(line, server, process.stderr);
    if (lost !== undefined) line.on("lost", lost);
    try {
      await online(line, signal);
      return { line, file };
    } catch (error) {
      await line.close();
      const { code } = error as LineError;
      // A session may be over, and another client have a newer one.
      if (code === "token-revoked" && sessions.length > 1) sessions.shift();
      else if (code !== "name-taken" || !(await file.isBesideSender())) throw error;
      else {
        if (!isTold) say(`another partyline send is ${name} at the moment: waiting for it`);
        isTold = true;
        await pause(NAME_AGAIN, undefined, { signal }).catch(() => {});
      }
    }
  }
}

/** @throws LineError why there is no connection, and will be none */
async function online(line: Line, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = (): void => reject(new LineError("aborted", String(signal.reason)));
  const end = line.on("state", (state) => {
    if (state.kind === "online") resolve();
    if (state.kind === "closed") reject(state.error ?? new LineError("closed", "it was closed"));
  });
  // Why a store cannot be opened is told before anybody can listen for it.
  line.opened.catch(reject);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  await promise.finally(() => {
    end();
    signal.removeEventListener("abort", abort);
  });
}

/** A variable that is empty is one that was not set: so it comes from where secrets are kept. */
function secretOf(tokenFile: string | undefined): { token?: string; password?: string } {
  const { PARTYLINE_TOKEN: given, PARTYLINE_PASSWORD: password } = process.env;
  const token = tokenFile === undefined ? given : readToken(tokenFile);
  return { ...(token ? { token } : {}), ...(password ? { password } : {}) };
}

function readToken(file: string): string {
  let token: string;
  try {
    token = readFileSync(file, "utf8").trim();
  } catch (error) {
    throw new UsageError(`--token-file: ${(error as Error).message}`);
  }
  if (token === "") throw new UsageError(`--token-file: ${file} is empty`);
  return token;
}
