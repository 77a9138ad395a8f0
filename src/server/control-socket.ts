// Where a running server is reached by the commands that concern its data: a Unix socket in the
// data folder, for whoever may write there.

import { Buffer } from "node:buffer";
import { join, relative } from "node:path";
import { CommandError } from "./command-error.ts";

const FILE = "control.sock";

/** Bytes that a Unix socket's path may have (sockaddr_un, without the NUL at its end). */
const MAX_PATH_BYTES = process.platform === "linux" ? 107 : 103;

/**
 * The socket's path: the absolute one, or when that is too long the one relative to the working folder.
 * @throws CommandError when both are too long for the system
 */
export function controlSocketPath(folder: string, workingFolder: string = process.cwd()): string {
  const path = join(folder, FILE);
  const shortest = [path, relative(workingFolder, path)].find(
    (candidate) => Buffer.byteLength(candidate) <= MAX_PATH_BYTES,
  );
  if (shortest !== undefined) return shortest;
  throw new CommandError(
    `the path of the control socket, ${path}, is over the system's ${MAX_PATH_BYTES} bytes: choose a data folder with a shorter path, or start in a folder near it`,
    1,
  );
}
