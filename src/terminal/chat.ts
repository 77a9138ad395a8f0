// `partyline chat`: a conversation in a terminal, or a filter where there is none.

import { userInfo } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { connect, type Line, LineError, type LineOptions } from "../client/index.ts";
import { parseAddress } from "./address.ts";
import { askPassword } from "./ask-password.ts";
import { sanitizeLine } from "./sanitize.ts";
import { Session } from "./session.ts";
import { stateFolder, stateStore } from "./state-file.ts";
import { tellOutages } from "./tell-outage.ts";

export interface ChatOptions {
  readonly name?: string;
  /** `HOST:PORT`, or a URL. */
  readonly to: string;
  /** Where to begin. */
  readonly room?: string;
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
  const name = options.name ?? userInfo().username;
  const { PARTYLINE_TOKEN: token, PARTYLINE_PASSWORD: given } = environment;
  const isTerminal = stdin.isTTY && stdout.isTTY;
  let password = given;
  for (let tries = 1; ; tries++) {
    const line = connect(url, {
      name,
      ...(token !== undefined && { token }),
      ...(password !== undefined && { password }),
      store: stateStore(stateFolder(environment), url, name),
    } satisfies LineOptions);
    try {
      if (isTerminal) return await talk(line, name, options.room);
      tellOutages(line, options.to, process.stderr);
      const { filter } = await import("./filter.ts");
      const streams = { stdin, stdout, stderr: process.stderr };
      return await filter(line, { room: options.room, ...streams });
    } catch (error) {
      if (!(error instanceof LineError)) throw error;
      await line.close();
      if (isTerminal) stdin.setRawMode(false);
      const isWanted = PASSWORD_WANTED.has(error.code) && token === undefined;
      password = isWanted && isTerminal && tries <= TRIES ? await askPassword(name) : undefined;
      if (password === undefined) return fail(sanitizeLine(error.message), 1);
    } finally {
      await line.close();
    }
  }
}

/** With these one is asked for the password: there was none, it is not right, or the session has ended. */
const PASSWORD_WANTED: ReadonlySet<string> = new Set(["wrong-password", "token-revoked"]);

/** @throws LineError why the line ended by itself */
async function talk(line: Line, name: string, place: string | undefined): Promise<number> {
  const { env: environment, stdin, stdout } = process;
  // From here on what is typed waits to be drawn, instead of being shown by the terminal itself.
  stdin.setRawMode(true);
  await answered(line);
  // Ink loads React, whose development build is slow and grows.
  environment["NODE_ENV"] ??= "production";
  const { App } = await import("./app.ts");
  const app = new App({ name, place, stdout, environment });
  await app.run(new Session(line, app.happen));
  const { waiting } = app;
  if (waiting > 0) stdout.write(`${waiting} of your messages wait here, and are sent next time\n`);
  return 0;
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

function fail(text: string, code: number): number {
  process.stderr.write(`partyline: ${text}\n`);
  return code;
}
