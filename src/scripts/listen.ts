// `partyline listen`: messages for a script, each once it asks for it: as JSON lines, or a command for
// each. One is confirmed only when it was dealt with, so whatever dies, the next run goes on there.

import type { Writable } from "node:stream";
import { LineError, type Message } from "../client/index.ts";
import { deal, type OnError } from "./deal.ts";
import { openLine, type ScriptOptions } from "./open-line.ts";
import { say } from "./say.ts";
import { takeListenerFile } from "./script-files.ts";

export interface ListenOptions extends ScriptOptions {
  /** Rooms that are joined first. */
  readonly rooms: readonly string[];
  /** Run by the shell for each message; without it messages are printed. */
  readonly exec?: string;
  readonly onError: OnError;
  readonly stdout: Writable;
  /** The file for what was received. */
  readonly state?: string;
}

/** @returns the exit code. @throws UsageError, LineError */
export async function listen(options: ListenOptions): Promise<number> {
  const { rooms, exec, onError, stdout, state, signal } = options;
  const opened = await openLine(options, {
    take: (base) => takeListenerFile(state ?? `${base}+listen.json`, base, signal),
    lost: ({ from, to }) =>
      say(`messages ${from} to ${to} are not kept any more: some may be lost`),
  }).catch((error: LineError) => {
    if (error.code !== "aborted") throw error;
  });
  // It was asked to stop before there was a connection.
  if (opened === undefined) return 0;
  const { line } = opened;
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
      if (exec === undefined) {
        // Asking for the next one confirms it.
        const code = await print(message, options);
        if (code === undefined) continue;
        return code;
      }
      isDealing = true;
      if (!(await deal(exec, message, onError, signal))) return signal.aborted ? 0 : 1;
      await line.confirm(message.seq);
      isDealing = false;
      if (signal.aborted) return 0;
    }
    return 0;
  } catch (error) {
    if (error instanceof LineError && error.code === "closed") return 0;
    throw error;
  } finally {
    await line.close();
  }
}

/** @returns the exit code if it was not taken: who reads nothing may be the one that wants an end */
async function print(
  message: Message,
  { stdout, signal }: ListenOptions,
): Promise<number | undefined> {
  const { seq, from, to, body, at } = message;
  const { promise, resolve } = Promise.withResolvers<number | undefined>();
  const stop = (): void => resolve(0);
  signal.addEventListener("abort", stop, { once: true });
  stdout.write(`${JSON.stringify({ seq, from, to, body, at })}\n`, (error) =>
    resolve(error ? codeOf(error) : undefined),
  );
  return promise.finally(() => signal.removeEventListener("abort", stop));
}

/** Whoever reads our output may end before us; a disk that is full is no such end. */
function codeOf({ code, message }: NodeJS.ErrnoException): number {
  if (code === "EPIPE") return 0;
  say(`the output cannot be written: ${message}`);
  return 1;
}
