// Where stdin or stdout is a pipe: lines in, lines out, as in the line protocol, with the outbox behind it. Ends when its
// input has ended, everything is on the server, and everything that waited is printed.

import type { Readable, Writable } from "node:stream";
import { once } from "node:events";
import { type Line, LineError, type Message } from "../client/index.ts";
import { unpackBodies } from "../protocol/bodies.ts";
import { type ChatError } from "../protocol/errors.ts";
import type { LineCommand } from "../protocol/line/command.ts";
import { formatAnswer, formatError, formatMessages } from "../protocol/line/format.ts";
import { LineParser } from "../protocol/line/parser.ts";
import { answerCommand } from "./answer-command.ts";
import { readLines } from "./input-lines.ts";
import { sanitizeBody, sanitizeLine } from "./sanitize.ts";

/** With more than this on its way to the server, the input is not read on. */
const MOST_UNSENT = 500;

/** The bound of the server, in recipients of one message. */
const MOST_RECIPIENTS = 256;

const FOR_WHOM = "write bob: hi, or send all lines to one place with --room";

export interface FilterOptions {
  /** Every line of the input goes there as it is. Without one, lines name their recipients: `bob: hi`. */
  readonly room: string | undefined;
  readonly stdin: Readable;
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
}

/** @returns the exit code: 1 when anything was refused. @throws LineError why the line ended */
export async function filter(line: Line, options: FilterOptions): Promise<number> {
  const { room, stdin, stdout, stderr } = options;
  let code = 0;
  const refuse = ({ code: refusal, message }: ChatError | LineError, number?: number): void => {
    code = 1;
    const where = number === undefined ? "" : `line ${number}: `;
    stderr.write(formatError(refusal as ChatError["code"], where + sanitizeLine(message)));
  };
  let isTold = false;
  const ignore = (number: number): void => {
    code = 1;
    if (!isTold)
      stderr.write(`partyline: line ${number} does not say for whom it is: ${FOR_WHOM}\n`);
    isTold = true;
  };
  await line.opened;
  // What was written before this start has no line here.
  const before = new Set(line.unsent.map(({ id }) => id));
  line.on("outbox", (settled) => {
    if (settled === undefined || settled.outcome === "sent" || !before.has(settled.id)) return;
    refuse(settled.error);
  });
  // Asked for first: what is read goes into the outbox meanwhile, also while there is no connection.
  const joined = room?.startsWith("#") === true ? line.join(room) : undefined;
  const printed = print(line, stdout);
  const read = readInput(line, { room, stdin, stdout, refuse, ignore }).then(() => line.finish());
  // Whoever reads our output may stop, as `head` does; what he did not read is not confirmed.
  const unread = once(stdout, "error").then(() => {});
  // Whichever ends first with an error ends the other.
  await Promise.race([Promise.all([printed, read, joined]), unread]);
  return code;
}

/** Prints each message, and confirms it when it was taken. */
async function print(line: Line, stdout: FilterOptions["stdout"]): Promise<void> {
  for await (const message of line.messages()) {
    // What other clients of the name send is nothing that comes in, as in the line protocol; a note to oneself is.
    if (message.isOwn && message.to !== message.from) continue;
    if (!stdout.write(format(message, stdout.isTTY === true))) await once(stdout, "drain");
  }
}

function format({ from, to, body }: Message, isTerminal: boolean): string {
  return isTerminal
    ? formatMessages(sanitizeLine(from), sanitizeLine(to), sanitizeBody(body))
    : formatMessages(from, to, body);
}

interface Reading extends Pick<FilterOptions, "room" | "stdin" | "stdout"> {
  /** @param number of the line */
  readonly refuse: (error: ChatError | LineError, number: number) => void;
  readonly ignore: (number: number) => void;
}

/** Reads until the input ends, or says /quit. */
async function readInput(line: Line, reading: Reading): Promise<void> {
  const { room, stdin } = reading;
  const parser = new LineParser(MOST_RECIPIENTS);
  for await (const { number, text, problem } of readLines(stdin)) {
    if (problem !== undefined) {
      reading.refuse(problem, number);
      continue;
    }
    await roomInOutbox(line);
    if (room !== undefined) {
      send(line, [room], text, number, reading);
      continue;
    }
    parser.push(`${text}\n`);
    const command = parser.next(1);
    if (command?.kind === "quit") return;
    if (command !== undefined) await obey(line, command, number, reading);
    else if (text.trim() !== "") reading.ignore(number);
  }
}

async function obey(
  line: Line,
  command: Exclude<LineCommand, { kind: "quit" }>,
  number: number,
  reading: Reading,
): Promise<void> {
  const { stdout, refuse } = reading;
  if (command.kind === "refused") return refuse(command.error, number);
  if (command.kind === "send") {
    const to = command.to.map(({ shown }) => shown);
    for (const body of unpackBodies(command.bodies)) send(line, to, body, number, reading);
    return;
  }
  try {
    const answers = await answerCommand(line, command);
    const isTerminal = stdout.isTTY === true;
    for (const text of answers) stdout.write(formatAnswer(isTerminal ? sanitizeLine(text) : text));
  } catch (error) {
    refuse(error as LineError, number);
  }
}

function send(
  line: Line,
  to: readonly string[],
  body: string,
  number: number,
  { refuse }: Reading,
): void {
  line.send(to, body).catch((error: LineError) => {
    // When the line has ended, what is in the outbox is not refused: it waits.
    if (line.state.kind !== "closed") refuse(error, number);
  });
}

async function roomInOutbox(line: Line): Promise<void> {
  if (line.unsentCount < MOST_UNSENT) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const ends = [
    line.on("outbox", () => {
      if (line.unsentCount < MOST_UNSENT / 2) resolve();
    }),
    line.on("state", (state) => {
      if (state.kind === "closed") reject(state.error ?? new LineError("closed", "it was closed"));
    }),
  ];
  await promise.finally(() => {
    for (const end of ends) end();
  });
}
