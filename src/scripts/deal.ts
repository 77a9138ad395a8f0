// A command for a message: run until it has succeeded, or has failed for good.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Message } from "../client/index.ts";
import { Backoff } from "../client/backoff.ts";
import { say } from "./say.ts";

/** What follows when the command fails. */
export type OnError = "retry" | "skip" | "stop";

/**
 * @param signal no other attempt follows. What failed meanwhile most likely got the signal too, so it is not dealt with
 * @returns whether the message is dealt with
 */
export async function deal(
  command: string,
  message: Message,
  onError: OnError,
  signal: AbortSignal,
): Promise<boolean> {
  const backoff = new Backoff();
  for (;;) {
    const failure = await run(command, message);
    if (failure === undefined) return true;
    const what = `the command for message ${message.seq} ${failure}`;
    if (signal.aborted) {
      say(`${what}: it comes again with the next start`);
      return false;
    }
    if (onError === "stop") {
      say(`${what}: stopping`);
      return false;
    }
    if (onError === "skip") {
      say(`${what}: skipped`);
      return true;
    }
    const wait = backoff.next();
    say(`${what}: again in ${(wait / 1000).toFixed(1)} s`);
    await pause(wait, undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
  }
}

/** Its children may live on. @returns how it failed; undefined when it did not */
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
