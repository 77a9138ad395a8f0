// `partyline send` and `partyline listen`: for scripts.

import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { type Command, Option } from "commander";
import { CommandError } from "../command-error.ts";
import { duration } from "../option-kinds.ts";

type Flags = Record<string, string | readonly string[]>;

/** A day: nobody waits longer for one message. */
const LONGEST_WAIT = 86_400_000;

const WAIT = duration(0, LONGEST_WAIT);

function add(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .requiredOption("--as <NAME>", "who it is")
    .addOption(
      new Option("--server <ADDRESS>", "HOST:PORT, or a URL")
        .default("127.0.0.1:8080")
        .env("PARTYLINE_SERVER"),
    )
    .option("--token-file <FILE>", "file with a token (or PARTYLINE_TOKEN, or PARTYLINE_PASSWORD)");
}

export function addScripts(program: Command): void {
  add(
    program,
    "send",
    "send a message, or each line of stdin; ends once it is durable on the server",
  )
    .argument("[TEXT]", "the message; without it each line of stdin is one")
    .requiredOption("--to <LIST>", "names and rooms, with commas between; rooms are joined")
    .option("--timeout <TIME>", "give up when a message takes this long; 0 is never", "0")
    .option("--once <FILE>", "keep there what is sent: given the same again, it goes on")
    .action((text: string | undefined, flags: Flags) => sendFor(text, flags));
  add(program, "listen", "print messages as JSON lines, or run a command for each")
    .option("--room <LIST>", "rooms to join first, with commas between", "")
    .option(
      "--exec <COMMAND>",
      "run it for each message, which is in $PARTYLINE_BODY, _FROM, _TO, _SEQ, _AT",
    )
    .addOption(
      new Option("--on-error <WHAT>", "when the command fails")
        .choices(["retry", "skip", "stop"])
        .default("retry"),
    )
    .option("--state <FILE>", "keep there what was received, instead of in the state folder")
    .action((flags: Flags) => listenFor(flags));
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Aborted at the first of them, with its name; a second one ends the process at once. */
function stopAtSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of SIGNALS) process.once(signal, () => stop.abort(signal));
  return stop.signal;
}

/** Ends as if nobody had caught the signal, so that whoever started it knows; a shell makes 128 and its number of it. */
async function endBy(signal: NodeJS.Signals): Promise<void> {
  process.exitCode = 128 + constants.signals[signal];
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container is not ended so.
  await pause(UNTIL_ENDED);
}

/** How long it may take until a signal has ended this process, in ms. */
const UNTIL_ENDED = 100;

async function sendFor(text: string | undefined, flags: Flags): Promise<void> {
  const { send } = await import("../../scripts/send.ts");
  const { standardInput } = await import("../../scripts/standard-input.ts");
  const timeout = WAIT.parse(String(flags["timeout"]), "");
  if (timeout === undefined) throw new CommandError(`--timeout is not ${WAIT.allowed}`, 2);
  const { once } = flags;
  const stop = stopAtSignal();
  await ended(
    send({
      ...who(flags),
      to: list(flags["to"]),
      timeout,
      input: text ?? standardInput(),
      signal: stop,
      ...(once === undefined ? {} : { once: String(once) }),
    }),
  );
  if (stop.aborted) await endBy(stop.reason as NodeJS.Signals);
}

async function listenFor(flags: Flags): Promise<void> {
  const { listen } = await import("../../scripts/listen.ts");
  const { exec, state } = flags;
  await ended(
    listen({
      ...who(flags),
      rooms: list(flags["room"]),
      onError: flags["onError"] as "retry" | "skip" | "stop",
      stdout: process.stdout,
      signal: stopAtSignal(),
      ...(exec === undefined ? {} : { exec: String(exec) }),
      ...(state === undefined ? {} : { state: String(state) }),
    }),
  );
}

function who(flags: Flags): { as: string; server: string; tokenFile?: string } {
  const { as, server, tokenFile } = flags;
  return {
    as: String(as),
    server: String(server),
    ...(tokenFile === undefined ? {} : { tokenFile: String(tokenFile) }),
  };
}

function list(value: Flags[string] | undefined): string[] {
  return String(value ?? "")
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
}

/** Errors of the line are one line, as all others are. */
async function ended(code: Promise<number>): Promise<void> {
  const { LineError } = await import("../../client/index.ts");
  const { UsageError } = await import("../../scripts/open-line.ts");
  const { explain } = await import("../../scripts/say.ts");
  try {
    process.exitCode = await code;
  } catch (error) {
    if (error instanceof UsageError) throw new CommandError(error.message, 2);
    if (error instanceof LineError) throw new CommandError(explain(error), 1);
    throw error;
  }
}
