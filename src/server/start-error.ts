// Why the server could not start, in one line for the person who starts it.

import { FolderError } from "../log/sqlite/folder-error.ts";
import { type Address, formatAddress } from "./address.ts";
import { CommandError } from "./command-error.ts";

const LISTEN_ERRORS: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program listens there: stop it, or choose another address with --listen",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "this user may not listen on that port",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "the name of the host cannot be looked up at the moment",
};

export function explainListenError(
  address: Address,
  error: unknown,
  flag = "--listen",
): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = (LISTEN_ERRORS[code ?? ""] ?? message).replace("--listen", flag);
  return new CommandError(`cannot listen on ${formatAddress(address)}: ${why}`, 1, {
    cause: error,
  });
}

/** SQLITE_FULL, and what the file system says before SQLite is asked. */
function isDiskFull(error: unknown): boolean {
  const { code, errcode, cause } = error as {
    code?: string;
    errcode?: number;
    cause?: unknown;
  };
  if (code === "ENOSPC" || code === "EDQUOT" || errcode === 13) return true;
  return cause !== undefined && isDiskFull(cause);
}

export function explainFolderError(folder: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (isDiskFull(error)) {
    return new CommandError(
      `the disk of the data folder ${folder} is full: make room, nothing that was accepted is lost`,
      1,
      { cause: error },
    );
  }
  const { message } = error as Error;
  const text =
    error instanceof FolderError ? message : `cannot use the data folder ${folder}: ${message}`;
  return new CommandError(text, 1, { cause: error });
}

export function explainControlError(folder: string, error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError(
    `cannot open the control socket in the data folder ${folder}: ${(error as Error).message}`,
    1,
    { cause: error },
  );
}
