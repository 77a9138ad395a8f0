// `partyline chat`: talk, in a terminal or through pipes.

import { Option, type Command } from "commander";

const DEFAULT_TO = "127.0.0.1:8080";

interface Flags {
  readonly to: string;
  readonly room?: string;
  readonly register?: boolean;
}

export function addChat(program: Command): void {
  program
    .command("chat")
    .description("talk, in a terminal; in a pipe, lines in and lines out")
    .argument("[name]", "who you are (by default the name that you have on this machine)")
    .addOption(
      new Option("--to <address>", "HOST:PORT, or a URL")
        .default(DEFAULT_TO)
        .env("PARTYLINE_SERVER"),
    )
    .option("--room <room>", "join this room, and begin there")
    .option("--register", "make an account of the name, where the server lets you")
    .action(async (name: string | undefined, { to, room, register }: Flags) => {
      // Loaded for this command alone: others start faster without.
      const { chat } = await import("../../terminal/chat.ts");
      const code = await chat({
        to,
        ...(name !== undefined && { name }),
        ...(room !== undefined && { room }),
        ...(register !== undefined && { register }),
      });
      if (code !== 0) process.exitCode = code;
    });
}
