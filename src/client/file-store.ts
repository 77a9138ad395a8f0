// A store in a file, for Node: what it does is in `file-store-node.ts`, which no browser loads.

import { importNode } from "./import-node.ts";
import type { Store } from "./store.ts";

/**
 * Keeps everything in a file, for programs on Node. A second program that uses the same file while the
 * first one lives is refused (`store-in-use`); when the first one has died, the next goes on with its outbox.
 * @param path of the file; `${path}.lock` is made beside it
 * @example
 * ```ts
 * const line = connect(url, { name: "bot", store: fileStore("./bot.partyline") });
 * ```
 */
export function fileStore(path: string): Store {
  const made = make(path);
  made.catch(() => {});
  return {
    open: async () => (await made).open(),
    write: async (stored) => (await made).write(stored),
    close: async () => (await made).close(),
  };
}

async function make(path: string): Promise<Store> {
  const found = await importNode<{ createFileStore(path: string): Store }>("file-store-node");
  return found.createFileStore(path);
}
