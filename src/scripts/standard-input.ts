// stdin as it is, with the errors of reading it.

import { createReadStream, fstatSync } from "node:fs";
import type { Readable } from "node:stream";

/** Of what is neither a file nor a pipe nor a terminal, a folder say, Node makes an empty input: that is read as a file. */
export function standardInput(): Readable {
  const stdin = fstatSync(0);
  const isKnown = stdin.isFile() || stdin.isFIFO() || stdin.isSocket() || stdin.isCharacterDevice();
  return isKnown ? process.stdin : createReadStream("", { fd: 0, autoClose: false });
}
