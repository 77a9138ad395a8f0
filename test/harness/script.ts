// `partyline send` and `partyline listen` as child processes, with a state folder.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { connect } from "../../src/client/index.ts";
import { COMMAND } from "./command.ts";
import { ENVIRONMENT } from "./environment.ts";
import type { Scope } from "./line-client.ts";

export interface Ending {
  /** Or the name of the signal. */
  readonly code: number | string;
  readonly out: string;
  readonly errors: string;
}

export interface Script {
  readonly child: ChildProcess & {
    readonly stdin: Writable;
    readonly stdout: Readable;
    readonly stderr: Readable;
  };
  readonly ended: Promise<Ending>;
}

/** Runs `partyline …` with a state folder. @param input all of stdin; null leaves it open */
export function start(
  t: Scope,
  state: string,
  args: readonly string[],
  input: string | Uint8Array | null = "",
  env: NodeJS.ProcessEnv = {},
): Script {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...ENVIRONMENT, ...env, XDG_STATE_HOME: state },
  });
  t.after(() => child.kill("SIGKILL"));
  child.stdin.on("error", () => {});
  if (input !== null) child.stdin.end(input);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]).then(
    ([out, errors, [code, signal]]) => ({ code: (code ?? signal) as number | string, out, errors }),
  );
  return { child, ended };
}

/** The same, with its lines as they come. */
export function follow(t: Scope, state: string, args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...ENVIRONMENT, XDG_STATE_HOME: state },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const body = async (): Promise<string> =>
    (JSON.parse((await lines.next()).value as string) as { body: string }).body;
  return { child, body };
}

/** Resolves once something like that came out of it. */
export async function untilSaid(output: Readable, what: RegExp): Promise<void> {
  let said = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  output.on("data", (bytes: Buffer) => {
    said += bytes.toString();
    if (what.test(said)) resolve();
  });
  await promise;
}

/** Of an account "bot" that is made for it. */
export async function makeToken(port: number): Promise<string> {
  await using line = connect(`partyline://127.0.0.1:${port}`, { name: "bot" });
  await line.register("correct horse");
  return await line.makeToken("ci");
}
