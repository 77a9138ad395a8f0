// `partyline chat`: a conversation in a terminal, or a filter where there is none.

import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Line, LineError } from "../client/index.ts";
import type { FilterOptions } from "./filter.ts";
import { adoptRefused, countLeft, type Leaver, sendLeft } from "./left-behind.ts";
import { parseRecipient } from "../protocol/room.ts";
import { parseAddress } from "./address.ts";
import { askNewPassword, askPassword } from "./ask-password.ts";
import { chalkLevel, depthOf } from "./colours.ts";
import { sanitizeLine } from "./sanitize.ts";
import { Session } from "./session.ts";
import { stateFolder, takeState } from "./state-file.ts";
import { tellOutages } from "./tell-outage.ts";

export interface ChatOptions {
  readonly name?: string;
  /** `HOST:PORT`, or a URL. */
  readonly to: string;
  /** Where to begin. */
  readonly room?: string;
  /** Makes an account of the name. */
  readonly register?: boolean;
}

/** How often a password is asked for. */
const TRIES = 3;

/** How long one waits for the server before one begins without it, in ms. */
const FIRST_WAIT = 1_000;

/** @returns the exit code. Writes what went wrong to stderr. */
export async function chat(options: ChatOptions): Promise<number> {
  const { env: environment, stdin, stdout } = process;
  const url = parseAddress(options.to);
  if (url === undefined) {
    return fail(`--to ${JSON.stringify(options.to)} is neither HOST:PORT nor a URL`, 2);
  }
  const badRoom = whyNoPlace(options.room);
  if (badRoom !== undefined) return fail(`--room: ${badRoom}`, 2);
  const name = options.name ?? userInfo().username;
  const { PARTYLINE_TOKEN: token, PARTYLINE_PASSWORD: given } = environment;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  let password = given;
  const isNew = options.register === true;
  if (isNew && password === undefined && isTerminal) password = await askNewPassword(name);
  if (isNew && password === undefined) return fail("no password: no account was made", 1);
  for (let tries = 1; ; tries++) {
    const who: Leaver = {
      url,
      name,
      ...(token !== undefined && { token }),
      ...(password !== undefined && { password }),
      ...(isNew && { register: true }),
    };
    try {
      const code = await converse(who, options);
      await tellWaiting(who);
      return code;
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      if (isTerminal) stdin.setRawMode(false);
      const isAsked = tries > 1 && error.code === "wrong-password";
      if (isAsked) process.stderr.write("that is not right\n");
      const isWanted = PASSWORD_WANTED.has(error.code) && token === undefined;
      password =
        isWanted && isTerminal && tries <= TRIES
          ? await askPassword(`Password for ${name}`)
          : undefined;
      if (password !== undefined) continue;
      fail(sanitizeLine(error.message), 1);
      await tellWaiting(who);
      return 1;
    }
  }
}

/** From one login until it is quit. @returns the exit code @throws LineError why the line ended by itself */
async function converse(who: Leaver, { to, room }: ChatOptions): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const isTerminal = stdin.isTTY && stdout.isTTY && canDraw(process.env);
  const state = await takeState(stateFolder(process.env), who.url, who.name);
  let line: Line | undefined;
  try {
    // Before it is connected, and after: an open name is connected once.
    const sent = await sendLeft(state, who);
    if (isTerminal) await adoptRefused(state);
    line = connect(who.url, { ...who, store: state.store, keepRefused: isTerminal });
    const code = isTerminal
      ? await talk(line, {
          name: who.name,
          place: room,
          sent,
          sendLeft: () => sendLeft(state, who),
        })
      : await pipe(line, to, { room, stdin, stdout, stderr });
    await line.close();
    await sendLeft(state, who);
    return code;
  } finally {
    await (line ?? state.store).close();
  }
}

/** Where the cursor cannot be moved it is a filter too. */
function canDraw({ TERM }: NodeJS.ProcessEnv): boolean {
  return TERM !== "dumb";
}

async function pipe(line: Line, to: string, options: FilterOptions): Promise<number> {
  tellOutages(line, to, options.stderr);
  const { filter } = await import("./filter.ts");
  return filter(line, options);
}

/** On any end one is told what could not be sent. */
async function tellWaiting({ url, name }: Leaver): Promise<void> {
  const state = await takeState(stateFolder(process.env), url, name);
  const waiting = (state.stored()?.sends.length ?? 0) + (await countLeft(state));
  await state.store.close();
  if (waiting === 0) return;
  process.stderr.write(`${waiting} of your messages wait here, and are sent next time\n`);
}

/** With these one is asked for the password: there was none, it is not right, or the session has ended. */
const PASSWORD_WANTED: ReadonlySet<string> = new Set(["wrong-password", "token-revoked"]);

interface Talk {
  readonly name: string;
  readonly place: string | undefined;
  /** How many were sent that other clients of the name had left. */
  readonly sent: number;
  /** Sends what they left. */
  readonly sendLeft: () => Promise<number>;
}

/** @throws LineError why the line ended by itself */
async function talk(line: Line, { name, place, sent, sendLeft }: Talk): Promise<number> {
  const { env: environment, stdin, stdout } = process;
  const end = endOfTerminal();
  // What is written already is kept, whatever becomes of the rest.
  end.addEventListener("abort", () => void line.close(), { once: true });
  // From here on what is typed waits to be drawn, instead of being shown by the terminal itself.
  stdin.setRawMode(true);
  await answered(line);
  // Ink loads React, whose development build is slow and grows.
  environment["NODE_ENV"] ??= "production";
  const depth = depthOf(environment, stdout.getColorDepth());
  environment["FORCE_COLOR"] = chalkLevel(depth);
  const { App } = await import("./app.ts");
  const app = new App({ name, place, stdout, environment, depth });
  let sending = Promise.resolve(sent).then((count) => app.sentLeft(count));
  const endSending = line.on("state", ({ kind }) => {
    if (kind !== "online") return;
    sending = sending.then(sendLeft).then((count) => app.sentLeft(count), app.fail);
  });
  await app.run(new Session(line, app.happen), end).finally(endSending);
  await sending;
  return 0;
}

/** Aborted when the terminal is gone, or somebody wants an end: that is no other one than /quit. */
function endOfTerminal(): AbortSignal {
  const { stdin, stdout, stderr } = process;
  const end = new AbortController();
  const abort = (): void => end.abort();
  // Not once: what Ink has of its own ends the program where it finds nobody else that listens.
  for (const signal of ["SIGHUP", "SIGTERM"] as const) process.on(signal, abort);
  for (const stream of [stdin, stdout, stderr]) stream.on("error", abort);
  stdin.once("end", abort);
  return end.signal;
}

/** Waits a moment for the server, so that a refusal comes before anything is drawn. @throws LineError the refusal */
async function answered(line: Line): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = line.on("state", (state) => {
    if (state.kind === "closed") reject(state.error ?? new LineError("closed", "it was closed"));
    else if (state.kind !== "connecting") resolve();
  });
  await Promise.race([promise, pause(FIRST_WAIT, undefined, { ref: false })]).finally(end);
}

/** @returns what is wrong with where one wants to begin */
function whyNoPlace(room: string | undefined): string | undefined {
  try {
    if (room !== undefined) parseRecipient(room);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

function fail(text: string, code: number): number {
  process.stderr.write(`partyline: ${text}\n`);
  return code;
}
