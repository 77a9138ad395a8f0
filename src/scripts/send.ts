// `partyline send`: messages from a script; it ends well once they are durable on the server.

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Line, LineError } from "../client/index.ts";
import { openLine, type ScriptOptions } from "./open-line.ts";

export interface SendOptions extends ScriptOptions {
  /** Names and rooms. A room is joined first. */
  readonly to: readonly string[];
  /** In ms; 0 is as long as it takes. */
  readonly timeout: number;
  /** Without it each line of the input is a message. */
  readonly text?: string;
  readonly stdin: Readable;
}

/** With more than this on its way to the server, the input is not read on. */
const MOST_UNSENT = 500;

/** @returns the exit code: 0 when everything is durable. @throws UsageError, LineError */
export async function send(options: SendOptions): Promise<number> {
  const { to, timeout, text, stdin } = options;
  const signal = timeout > 0 ? AbortSignal.timeout(timeout) : undefined;
  const line = await openLine(options);
  try {
    for (const room of to.filter((one) => one.startsWith("#"))) await join(line, room, signal);
    if (text === undefined) return await sendLines(line, to, stdin, signal);
    return await sendOne(line, to, text, signal);
  } finally {
    await line.close();
  }
}

async function sendLines(
  line: Line,
  to: readonly string[],
  stdin: Readable,
  signal: AbortSignal | undefined,
): Promise<number> {
  const underWay = new Set<Promise<number>>();
  let code = 0;
  for await (const text of createInterface({ input: stdin })) {
    const sending = sendOne(line, to, text, signal).then((one) => (code = Math.max(code, one)));
    underWay.add(sending);
    void sending.finally(() => underWay.delete(sending));
    if (underWay.size >= MOST_UNSENT) await Promise.race(underWay);
  }
  await Promise.all(underWay);
  return code;
}

/** What is refused is told, and the others go on. */
async function sendOne(
  line: Line,
  to: readonly string[],
  text: string,
  signal: AbortSignal | undefined,
): Promise<number> {
  try {
    await line.send(to, text, signal === undefined ? {} : { signal });
    return 0;
  } catch (error) {
    if (!(error instanceof LineError)) throw error;
    process.stderr.write(`partyline: ${error.code} ${explain(error)}\n`);
    return 1;
  }
}

function explain({ code, message }: LineError): string {
  if (code === "aborted") return "no connection in time: it was not sent";
  if (code === "outcome-unknown") return "no answer in time: it may have been sent";
  return message;
}

async function join(line: Line, room: string, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return void (await line.join(room));
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(new LineError("aborted", "no connection in time")));
  await Promise.race([line.join(room), promise]);
}
