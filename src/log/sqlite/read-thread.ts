// The read thread: answers queries beside the commit thread, neither stopped by it nor stopping it.

import type { NameRecord, OutboxRecord, Page, Run } from "../log.ts";
import { databasePath, openReader } from "./database.ts";
import { LogReader } from "./reader.ts";
import { serve } from "./thread.ts";

export interface ReadThreadData {
  readonly folder: string;
}

export type ReadRequests = {
  name(key: string): NameRecord | undefined;
  outbox(query: { key: string; id: string }): OutboxRecord;
  waiting(query: { key: string; after: number; upTo: number; maxBytes: number }): Page;
  history(query: {
    key: string;
    other: string;
    upTo: number;
    count: number;
    maxBytes: number;
  }): readonly Run[];
  count(): { names: number; unseenNames: number };
};

serve(({ folder }: ReadThreadData): ReadRequests & { close(): void } => {
  const database = openReader(databasePath(folder));
  const reader = new LogReader(database);
  return {
    name: (key) => reader.name(key),
    outbox: ({ key, id }) => reader.outbox(key, id),
    waiting: ({ key, after, upTo, maxBytes }) => reader.waiting(key, after, upTo, maxBytes),
    history: ({ key, other, upTo, count, maxBytes }) =>
      reader.history(key, other, upTo, count, maxBytes),
    count: () => reader.count(),
    close: () => database.close(),
  };
});
