// Backups as files, each of which is either whole or not there: it gets its name when it is complete
// and on the disk, and nobody but its owner can read it.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { chmod, link, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Log } from "../log/log.ts";
import { CommandError } from "./command-error.ts";
import type { BackupDone } from "./control-protocol.ts";

export class Backups {
  readonly #log: Pick<Log, "backup">;
  /** Folders of backups that are not complete yet. */
  readonly #partial = new Set<string>();

  constructor(log: Pick<Log, "backup">) {
    this.#log = log;
  }

  /**
   * @param file absolute
   * @param progress is told how much is done, from 0 to 1
   * @throws CommandError when the file exists or cannot be written
   */
  async write(file: string, progress: (done: number) => void): Promise<BackupDone> {
    if (existsSync(file)) throw existsAlready(file);
    let partial: string | undefined;
    try {
      partial = mkdtempSync(`${file}.partial-`);
      this.#partial.add(partial);
      const copy = join(partial, "copy");
      await this.#log.backup(copy, progress);
      await chmod(copy, 0o600);
      const bytes = await sync(copy);
      // Unlike a rename, a link never replaces what somebody else wrote meanwhile.
      await link(copy, file);
      await sync(dirname(file));
      return { file, bytes };
    } catch (error) {
      throw explain(file, error);
    } finally {
      if (partial !== undefined) this.#remove(partial);
    }
  }

  /** Removes what is not complete: the server ends, and a backup of hours must not hold it. */
  abandon(): void {
    for (const partial of this.#partial) this.#remove(partial);
  }

  #remove(partial: string): void {
    this.#partial.delete(partial);
    rmSync(partial, { recursive: true, force: true });
  }
}

function explain(file: string, error: unknown): CommandError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return existsAlready(file);
  return new CommandError(`cannot write the backup ${file}: ${message}`, 1, { cause: error });
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
