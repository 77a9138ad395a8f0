// The read thread: answers queries beside the commit thread, neither stopped by it nor stopping it.

import type {
  Conversation,
  HistoryPage,
  HistoryQuery,
  NameRecord,
  OutboxRecord,
  Page,
} from "../reading.ts";
import type { RoomMember, RoomView } from "../rooms.ts";
import type { AllAccounts } from "../accounts.ts";
import { readAccounts } from "./account-table.ts";
import { databasePath, openReader } from "./database.ts";
import { LogReader } from "./reader.ts";
import { serve } from "./thread.ts";

export interface ReadThreadData {
  readonly folder: string;
}

export type ReadRequests = {
  name(query: { key: string; after: number }): NameRecord | undefined;
  outbox(query: { key: string; id: string }): OutboxRecord;
  waiting(query: {
    key: string;
    after: number;
    upTo: number;
    maxBytes: number;
    everything: boolean;
  }): Page;
  history(query: HistoryQuery): HistoryPage;
  room(query: { key: string; asker: string }): RoomView | undefined;
  rooms(query: { asker: string; count: number }): readonly RoomView[];
  members(key: string): readonly RoomMember[];
  conversations(query: { key: string; upTo: number; count: number }): readonly Conversation[];
  blocked(key: string): readonly string[];
  accounts(): AllAccounts;
  count(): { names: number; unseenNames: number };
};

serve(({ folder }: ReadThreadData): ReadRequests & { close(): void } => {
  const database = openReader(databasePath(folder));
  const reader = new LogReader(database);
  return {
    name: ({ key, after }) => reader.name(key, after),
    outbox: ({ key, id }) => reader.outbox(key, id),
    waiting: ({ key, after, upTo, maxBytes, everything }) =>
      reader.waiting(key, after, upTo, maxBytes, everything),
    history: (query) => reader.history(query),
    room: ({ key, asker }) => reader.rooms.view(key, asker),
    rooms: ({ asker, count }) => reader.rooms.views(asker, count),
    members: (key) => reader.rooms.members(key),
    conversations: ({ key, upTo, count }) => reader.conversations(key, upTo, count),
    blocked: (key) => reader.blocked(key),
    accounts: () => readAccounts(database),
    count: () => reader.count(),
    close: () => database.close(),
  };
});
