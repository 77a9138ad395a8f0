// The file of `partyline send --once`: how far an input is sent. Each message of it has the number of its place,
// so that the same input, given again after whatever happened, goes on where it was.

import { createHash } from "node:crypto";
import { LineError, type Stored } from "../client/index.ts";
import { openIfFree } from "../terminal/state-file.ts";
import { hasSender, type SenderFile } from "./script-files.ts";

/** With the input that it is of. */
interface StoredOnce extends Stored {
  readonly input?: string;
}

/** @throws LineError `store` */
export async function takeOnceFile(path: string, base: string): Promise<SenderFile> {
  const found = await openIfFree(path);
  if (found === undefined)
    throw new LineError("store-in-use", `another partyline send has ${path}`);
  const stored: StoredOnce | undefined = found.stored;
  let input = stored?.input;
  let failure: unknown;
  return {
    taken: (stored?.nextId ?? 1) - 1,
    isOf(to, first) {
      const digest = createHash("sha256")
        .update(JSON.stringify([to, first]))
        .digest("hex");
      input ??= digest;
      return input === digest;
    },
    passed: () => {},
    store: {
      open: () => Promise.resolve(stored),
      async write(next) {
        // What could not be kept is not in the outbox, and its place is given away: so it ends as it was before.
        if (failure !== undefined) throw failure;
        try {
          await found.store.write({ ...next, ...(input === undefined ? {} : { input }) });
        } catch (error) {
          failure = error;
          throw error;
        }
      },
      close: () => found.store.close(),
    },
    isBesideSender: () => hasSender(base),
  };
}
