// `partyline send`: messages from a script; it ends well once they are durable on the server. Otherwise it says what
// became of them, and nothing is sent after it has ended.

import type { Readable } from "node:stream";
import type { Line } from "../client/index.ts";
import { readLines } from "../terminal/input-lines.ts";
import { takeOnceFile } from "./once-file.ts";
import { openLine, type ScriptOptions, UsageError } from "./open-line.ts";
import { Patience } from "./patience.ts";
import { say } from "./say.ts";
import { type SenderFile, takeSenderFile } from "./script-files.ts";
import { Sending } from "./sending.ts";

export interface SendOptions extends ScriptOptions {
  /** Names and rooms. A room is joined first. */
  readonly to: readonly string[];
  /** How long a message may take, in ms; 0 is as long as it takes. */
  readonly timeout: number;
  /** One message, or each line is one. */
  readonly input: string | Readable;
  /** A file in which it stands how far the input is sent. */
  readonly once?: string;
}

/** @returns the exit code: 0 when everything is durable. @throws UsageError, LineError */
export async function send(options: SendOptions): Promise<number> {
  const { to, timeout, input, once } = options;
  if (to.length === 0) throw new UsageError("--to names nobody");
  const patience = new Patience(timeout, options.signal);
  const done = patience.begin();
  const run = await begin(options, patience);
  if (run === undefined) return 1;
  const { line, file } = run;
  try {
    const isKept = once !== undefined;
    const sending = new Sending({
      line,
      to,
      patience,
      isKept,
      accepted: (seq) => file.passed(seq),
    });
    let read: Read | undefined;
    if (typeof input === "string") await give(sending, to, input, file);
    else {
      // That was the time to connect in: each line has its own, from when it is read.
      done();
      read = await giveLines(sending, options, patience, file, input);
    }
    await sending.settled();
    const isGood = sending.isGood && read?.isAll !== false;
    if (patience.isOver && !(isGood && !options.signal.aborted)) {
      const why = String(patience.signal.reason);
      const rest = `what is not sent is in ${once}, and goes on with the same input`;
      say(`${why}: ${isKept ? rest : outcomeOf(sending, read)}`);
    }
    return isGood ? 0 : 1;
  } finally {
    done();
    await line.close();
  }
}

function outcomeOf({ outcome }: Sending, read: Read | undefined): string {
  if (read === undefined) return outcome === "" ? "it was sent" : outcome;
  const { last, isAll } = read;
  const rest = isAll ? "" : `; nothing after line ${last} was read`;
  if (last === 0) return "nothing was read, and nothing sent";
  return `${outcome === "" ? "what was read is sent" : outcome}${rest}`;
}

interface Run {
  readonly line: Line;
  readonly file: SenderFile;
}

/** Logs in, and joins the rooms. @returns undefined when that was given up */
async function begin(options: SendOptions, patience: Patience): Promise<Run | undefined> {
  const { to, once } = options;
  const { signal } = patience;
  let line: Line | undefined;
  try {
    const run = await openLine(
      { ...options, signal },
      {
        take: (base) => (once === undefined ? takeSenderFile(base) : takeOnceFile(once, base)),
        keepRefused: once !== undefined,
      },
    );
    ({ line } = run);
    for (const room of to.filter((one) => one.startsWith("#"))) {
      await patience.wait(line.join(room));
    }
    return run;
  } catch (error) {
    await line?.close();
    if (!patience.isOver) throw error;
    say(`${String(signal.reason)}: nothing was sent`);
    return undefined;
  }
}

async function give(
  sending: Sending,
  to: readonly string[],
  text: string,
  file: SenderFile,
): Promise<void> {
  checkInput(file, to, text);
  if (file.taken === 0) await sending.add(text, 0);
}

/** How far the input was read. */
interface Read {
  /** The number of the last line. */
  readonly last: number;
  readonly isAll: boolean;
}

async function giveLines(
  sending: Sending,
  { to }: SendOptions,
  patience: Patience,
  file: SenderFile,
  input: Readable,
): Promise<Read> {
  const stop = (): void => void input.destroy();
  patience.signal.addEventListener("abort", stop, { once: true });
  let last = 0;
  let count = 0;
  try {
    for await (const { number, text, problem } of readLines(input)) {
      if (patience.isOver) break;
      last = number;
      if (problem === undefined) count += 1;
      else sending.skip(number, problem.message);
      if (count === 1) checkInput(file, to, text);
      if (problem === undefined && count > file.taken) await sending.add(text, number);
    }
    return { last, isAll: !patience.isOver };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (!patience.isOver) {
      const where = last === 0 ? "" : `after line ${last} `;
      say(`${where}the input cannot be read: ${(error as Error).message}`);
    }
    return { last, isAll: false };
  }
}

/** @throws UsageError */
function checkInput(file: SenderFile, to: readonly string[], first: string): void {
  if (file.isOf(to, first)) return;
  throw new UsageError("--once names a file of another input: each has its own");
}
