// `partyline send` and `partyline listen`: for scripts.

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
    .option("--timeout <TIME>", "give up after this long; 0 is never", "0")
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
    .action((flags: Flags) => listenFor(flags));
}

async function sendFor(text: string | undefined, flags: Flags): Promise<void> {
  const { send } = await import("../../scripts/send.ts");
  const timeout = WAIT.parse(String(flags["timeout"]), "");
  if (timeout === undefined) throw new CommandError(`--timeout is not ${WAIT.allowed}`, 2);
  const options = { ...who(flags), to: list(flags["to"]), timeout, stdin: process.stdin };
  await ended(send(text === undefined ? options : { ...options, text }));
}

async function listenFor(flags: Flags): Promise<void> {
  const { listen } = await import("../../scripts/listen.ts");
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const exec = flags["exec"];
  await ended(
    listen({
      ...who(flags),
      rooms: list(flags["room"]),
      onError: flags["onError"] as "retry" | "skip" | "stop",
      stdout: process.stdout,
      signal: stop.signal,
      ...(exec === undefined ? {} : { exec: String(exec) }),
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
  try {
    process.exitCode = await code;
  } catch (error) {
    if (error instanceof UsageError) throw new CommandError(error.message, 2);
    if (error instanceof LineError) throw new CommandError(`${error.code} ${error.message}`, 1);
    throw error;
  }
}
