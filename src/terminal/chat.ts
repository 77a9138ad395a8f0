// `partyline chat`: a conversation in a terminal, or a filter where there is none.

import { userInfo } from "node:os";
import { connect, LineError } from "../client/index.ts";
import { parseAddress } from "./address.ts";
import { Session } from "./session.ts";
import { stateFolder, stateStore } from "./state-file.ts";

export interface ChatOptions {
  readonly name?: string;
  /** `HOST:PORT`, or a URL. */
  readonly to: string;
  /** Where to begin. */
  readonly room?: string;
}

/** @returns the exit code. Writes what went wrong to stderr. */
export async function chat(options: ChatOptions): Promise<number> {
  const { env: environment, stdin, stdout } = process;
  const url = parseAddress(options.to);
  if (url === undefined) {
    return fail(`--to ${JSON.stringify(options.to)} is neither HOST:PORT nor a URL`, 2);
  }
  const name = options.name ?? userInfo().username;
  const { PARTYLINE_TOKEN: token, PARTYLINE_PASSWORD: password } = environment;
  const line = connect(url, {
    name,
    ...(token !== undefined && { token }),
    ...(password !== undefined && { password }),
    store: stateStore(stateFolder(environment), url, name),
  });
  try {
    if (!stdin.isTTY || !stdout.isTTY) {
      const { filter } = await import("./filter.ts");
      return await filter(line, { room: options.room, stdin, stdout, stderr: process.stderr });
    }
    // Ink loads React, whose development build is slow and grows.
    environment["NODE_ENV"] ??= "production";
    const { App } = await import("./app.ts");
    const app = new App({ name, place: options.room, stdout, environment });
    await app.run(new Session(line, app.happen));
    const { waiting } = app;
    if (waiting > 0)
      stdout.write(`${waiting} of your messages wait here, and are sent next time\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    return fail(error.message, 1);
  } finally {
    await line.close();
  }
}

function fail(text: string, code: number): number {
  process.stderr.write(`partyline: ${text}\n`);
  return code;
}
