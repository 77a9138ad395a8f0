// What a client keeps in its state folder, looked at from outside.

import { once } from "node:events";
import { readdirSync, readFileSync, watch } from "node:fs";
import { join } from "node:path";

/** How long it may take until something is kept, in ms. */
const PATIENCE = 20_000;

/** Waits until these texts stand in files of a folder. */
export async function untilKept(folder: string, ...texts: readonly string[]): Promise<void> {
  const isKept = (): boolean => {
    const kept = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => readFileSync(join(folder, name), "utf8"))
      .join("\n");
    return texts.every((text) => kept.includes(text));
  };
  const watcher = watch(folder, { recursive: true });
  try {
    while (!isKept()) await once(watcher, "change", { signal: AbortSignal.timeout(PATIENCE) });
  } finally {
    watcher.close();
  }
}
