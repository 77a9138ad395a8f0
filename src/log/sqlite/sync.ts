// Makes files and their names durable, where SQLite does not do so itself.

import { closeSync, fsyncSync, openSync } from "node:fs";
import { dirname } from "node:path";

/** Makes a file durable, and that it is there under its name. @throws the system's error */
export function syncFile(path: string): void {
  syncOne(path);
  syncOne(dirname(path));
}

function syncOne(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
