// The control socket's other side: what `partyline status` and `partyline backup` ask a running server.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { CommandError } from "./command-error.ts";
import { readLines } from "./control-lines.ts";
import type { ControlAnswer, ControlRequest } from "./control-protocol.ts";
import { controlSocketPath } from "./control-socket.ts";

export type FinalAnswer = Exclude<ControlAnswer, { progress: number } | { error: string }>;

/** Nothing listens: no file, or one that was left by a server that was killed. */
const NOBODY = new Set(["ENOENT", "ENOTDIR", "ECONNREFUSED"]);

class NobodyThere extends CommandError {}

/** Whether asking failed since no server has the data folder. */
export function isNobodyThere(error: unknown): boolean {
  return error instanceof NobodyThere;
}

const UNANSWERED = "the server ended before it had answered";

/**
 * Asks the server that has the data folder.
 * @throws CommandError when none does, when it may not be asked, and when it answers with an error
 */
export async function askServer(
  folder: string,
  request: ControlRequest,
  progress: (done: number) => void = () => {},
): Promise<FinalAnswer> {
  const socket = await open(folder);
  socket.write(`${JSON.stringify(request)}\n`);
  try {
    for await (const line of readLines(socket, Infinity)) {
      const answer = JSON.parse(line) as ControlAnswer;
      if ("progress" in answer) progress(answer.progress);
      else if ("error" in answer) throw new CommandError(answer.error, 1);
      else return answer;
    }
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(UNANSWERED, 1, { cause: error });
  } finally {
    socket.destroy();
  }
  throw new CommandError(UNANSWERED, 1);
}

async function open(folder: string): Promise<Socket> {
  const socket = connect(controlSocketPath(folder));
  try {
    await once(socket, "connect");
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    const text = explain(error as NodeJS.ErrnoException, folder);
    if (NOBODY.has(code)) throw new NobodyThere(text, 1, { cause: error });
    throw new CommandError(text, 1, { cause: error });
  }
  return socket;
}

function explain({ code, message }: NodeJS.ErrnoException, folder: string): string {
  if (NOBODY.has(code ?? "")) {
    return `no server is running on the data folder ${folder}`;
  }
  if (code === "EACCES") {
    return `the server on the data folder ${folder} takes commands only from the user that runs it`;
  }
  return `cannot reach the server on the data folder ${folder}: ${message}`;
}
