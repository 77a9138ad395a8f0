// The program's version, as its package says.

import { readFileSync } from "node:fs";

/** Two folders up is the package, from `src/server` and from `dist/server` alike. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  }
).version;
