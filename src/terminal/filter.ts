// Where stdin or stdout is a pipe: lines in, lines out, as in the line protocol, with the outbox behind it.

import type { Readable, Writable } from "node:stream";
import type { Line } from "../client/index.ts";

export interface FilterOptions {
  readonly room: string | undefined;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
}

export async function filter(_line: Line, _options: FilterOptions): Promise<number> {
  return await Promise.resolve(1);
}
