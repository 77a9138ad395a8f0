// A backup as a file that is either whole or not there: it gets its name when it is complete and on
// the disk, and nobody but its owner can read it.

import { existsSync } from "node:fs";
import { chmod, link, mkdtemp, open, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log } from "../log/log.ts";
import { CommandError } from "./command-error.ts";
import type { BackupDone } from "./control-protocol.ts";

/**
 * @param file absolute
 * @param progress is told how much is done, from 0 to 1
 * @throws CommandError when the file exists or cannot be written
 */
export async function writeBackup(
  log: Pick<Log, "backup">,
  file: string,
  progress: (done: number) => void,
): Promise<BackupDone> {
  if (existsSync(file)) throw existsAlready(file);
  let partial: string | undefined;
  try {
    partial = await mkdtemp(`${file}.partial-`);
    const copy = join(partial, "copy");
    await log.backup(copy, progress);
    await chmod(copy, 0o600);
    const bytes = await sync(copy);
    // Unlike a rename, a link never replaces what somebody else wrote meanwhile.
    await link(copy, file);
    await sync(dirname(file));
    return { file, bytes };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw existsAlready(file);
    throw new CommandError(`cannot write the backup ${file}: ${message}`, 1, { cause: error });
  } finally {
    if (partial !== undefined) await rm(partial, { recursive: true, force: true });
  }
}

function existsAlready(file: string): CommandError {
  return new CommandError(`${file} exists already: choose another file`, 1);
}

/** @returns the size in bytes */
async function sync(path: string): Promise<number> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
