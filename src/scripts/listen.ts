// `partyline listen`: messages for a script, each once it asks for it: as JSON lines, or a command for
// each. One is confirmed only when it was dealt with, so whatever dies, the next run goes on there.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Writable } from "node:stream";
import { LineError, type Message } from "../client/index.ts";
import { Backoff } from "../client/backoff.ts";
import { openLine, type ScriptOptions } from "./open-line.ts";

export interface ListenOptions extends ScriptOptions {
  /** Rooms that are joined first. */
  readonly rooms: readonly string[];
  /** Run by the shell for each message; without it messages are printed. */
  readonly exec?: string;
  /** What follows when the command fails. */
  readonly onError: "retry" | "skip" | "stop";
  readonly stdout: Writable;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** @returns the exit code. @throws UsageError, LineError */
export async function listen(options: ListenOptions): Promise<number> {
  const { rooms, exec, onError, stdout, signal } = options;
  const line = await openLine(options);
  let isDealing = false;
  // A command that runs is waited for: what it has done is confirmed, and not done again.
  const stop = (): void => void (isDealing || line.close());
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  // Whoever reads our output may stop; what he did not read is not confirmed.
  stdout.on("error", () => void line.close());
  try {
    for (const room of rooms) await line.join(room);
    for await (const message of line.messages()) {
      // What this name itself says elsewhere is for others: a bot that answers would answer itself for ever.
      if (message.isOwn && message.to !== message.from) continue;
      if (exec === undefined) await print(message, stdout);
      else {
        isDealing = true;
        if (!(await deal(exec, message, onError, signal))) return signal.aborted ? 0 : 1;
        await line.confirm(message.seq);
        isDealing = false;
      }
      if (signal.aborted || stdout.errored !== null) return 0;
    }
    return 0;
  } catch (error) {
    if (error instanceof LineError && error.code === "closed") return 0;
    throw error;
  } finally {
    await line.close();
  }
}

async function print({ seq, from, to, body, at }: Message, stdout: Writable): Promise<void> {
  if (stdout.write(`${JSON.stringify({ seq, from, to, body, at })}\n`)) return;
  // With an error it has ended: that is told elsewhere.
  await once(stdout, "drain").catch(() => {});
}

/** @returns whether the message is dealt with */
async function deal(
  command: string,
  message: Message,
  onError: ListenOptions["onError"],
  signal: AbortSignal,
): Promise<boolean> {
  const backoff = new Backoff();
  for (;;) {
    const failure = await run(command, message);
    if (failure === undefined) return true;
    const what = `the command for message ${message.seq} ${failure}`;
    if (onError === "stop") return say(`${what}: stopping`, false);
    if (onError === "skip") return say(`${what}: skipped`, true);
    const wait = backoff.next();
    say(`${what}: again in ${(wait / 1000).toFixed(1)} s`, false);
    await pause(wait, undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
  }
}

/** @returns how it failed; undefined when it did not */
async function run(command: string, message: Message): Promise<string | undefined> {
  try {
    const child = spawn(command, {
      shell: true,
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...variables(message) },
    });
    const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
    if (code === 0) return undefined;
    return signal === null ? `ended with ${code}` : `was ended by ${signal}`;
  } catch (error) {
    return `could not be started: ${(error as Error).message}`;
  }
}

function variables({ seq, from, to, body, at }: Message): NodeJS.ProcessEnv {
  return {
    PARTYLINE_SEQ: String(seq),
    PARTYLINE_FROM: from,
    PARTYLINE_TO: to,
    PARTYLINE_BODY: body,
    PARTYLINE_AT: new Date(at).toISOString(),
  };
}

function say<T>(text: string, answer: T): T {
  process.stderr.write(`partyline: ${text}\n`);
  return answer;
}
