// A new password from whoever runs a command: asked for without showing it, or the first line of stdin.

import { createInterface } from "node:readline";
import { CommandError } from "./command-error.ts";

/** @throws CommandError when nothing is given, or the two are not the same */
export async function readPassword(name: string): Promise<string> {
  if (!process.stdin.isTTY) return firstLine();
  const password = await ask(`Password for ${name}: `);
  const again = await ask("Once more: ");
  if (password !== again) throw new CommandError("the two passwords are not the same", 1);
  return password;
}

async function firstLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  throw new CommandError("no password came on stdin", 1);
}

const ENTER = "\r";
const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const BACKSPACE = "\u007f";

/** Nothing of what is typed is shown. */
async function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  let typed: string[] = [];
  try {
    for await (const text of stdin.iterator({ destroyOnReturn: false })) {
      for (const key of String(text)) {
        if (key === ENTER || key === "\n") return typed.join("");
        if (key === CTRL_C || key === CTRL_D) throw new CommandError("given up", 1);
        if (key === BACKSPACE) typed = typed.slice(0, -1);
        else typed.push(key);
      }
    }
    throw new CommandError("no password came", 1);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}
