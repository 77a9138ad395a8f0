// One conversation as the terminal client knows it: its newest entries, which of them were printed, and how far it was read.

import type { Entry, Line } from "./lines.ts";

export interface Conversation {
  /** As names and rooms are compared. */
  readonly key: string;
  readonly shown: string;
  readonly isRoom: boolean;
  readonly topic: string;
  /** Who was in the room when it was asked about. */
  readonly members: readonly string[];
  /** In rising order of seqs, the newest `KEPT`. */
  readonly entries: readonly Entry[];
  /** The seqs of entries that are on the screen, or scrolled out of it. */
  readonly printed: ReadonlySet<number>;
  /** Up to this seq it was read, here or on another device. */
  readonly read: number;
  /** The newest seq of others, whether or not the entry is here. */
  readonly newest: number;
  /** Messages of others above `read`. */
  readonly unread: number;
  /** One of them names its reader, or all of them are for him alone. */
  readonly isUrgent: boolean;
  readonly isMuted: boolean;
  /** What was being written here. */
  readonly draft: string;
  /** Whether its history was asked for, or will be once one has joined; until the answer is there nothing of it is printed. */
  readonly loading: "not-asked" | "joining" | "asked" | "done";
}

/** How many entries of a conversation are kept in memory; what is older is history, and the server's. */
export const KEPT = 200;

/** How many entries that were printed before are shown again above what is new, to say what it is about. */
const CONTEXT = 5;

export function createConversation(key: string, shown: string): Conversation {
  return {
    key,
    shown,
    isRoom: key.startsWith("#"),
    topic: "",
    members: [],
    entries: [],
    printed: new Set(),
    read: 0,
    newest: 0,
    unread: 0,
    isUrgent: false,
    isMuted: false,
    draft: "",
    loading: "not-asked",
  };
}

/** Whether what comes is printed only with what was before. */
export function isWaiting({ loading }: Conversation): boolean {
  return loading === "joining" || loading === "asked";
}

/** Adds entries wherever their seqs belong; one that is there already stays as it is. */
export function withEntries(conversation: Conversation, added: readonly Entry[]): Conversation {
  const last = conversation.entries.at(-1)?.seq ?? 0;
  const [only] = added;
  // The usual one: the next message.
  if (added.length === 1 && only !== undefined && only.seq > last) {
    return kept(conversation, [...conversation.entries, only]);
  }
  const known = new Set(conversation.entries.map((entry) => entry.seq));
  const fresh = added.filter(({ seq }) => !known.has(seq));
  if (fresh.length === 0) return conversation;
  return kept(
    conversation,
    [...conversation.entries, ...fresh].toSorted((a, b) => a.seq - b.seq),
  );
}

function kept(conversation: Conversation, all: readonly Entry[]): Conversation {
  const entries = all.slice(-KEPT);
  const oldest = entries[0]?.seq ?? 0;
  const [first = oldest] = conversation.printed;
  if (first >= oldest) return { ...conversation, entries };
  const printed = new Set([...conversation.printed].filter((seq) => seq >= oldest));
  return { ...conversation, entries, printed };
}

/** Counts a message of somebody else that came. */
export function countUnread(conversation: Conversation, entry: Entry): Conversation {
  if (entry.kind !== "message" || entry.isOwn || entry.seq <= conversation.newest) {
    return conversation;
  }
  if (entry.seq <= conversation.read) return { ...conversation, newest: entry.seq };
  return {
    ...conversation,
    newest: entry.seq,
    unread: conversation.unread + 1,
    isUrgent: conversation.isUrgent || entry.isMention || !conversation.isRoom,
  };
}

/** Everything up to this seq was read. */
export function readUpTo(conversation: Conversation, seq: number): Conversation {
  if (seq <= conversation.read) return conversation;
  // What was counted by the server is not all here; then only reading to the end makes it nothing.
  const left =
    seq >= conversation.newest
      ? 0
      : conversation.entries.filter((e) => e.kind === "message" && !e.isOwn && e.seq > seq).length;
  return {
    ...conversation,
    read: seq,
    unread: left,
    isUrgent: left > 0 && conversation.isUrgent,
  };
}

/** What is to be printed when it is gone to: some of what was there before, the unread line, and what is new. */
export function linesOnVisit(conversation: Conversation): Line[] {
  const { entries, printed, read, unread, topic, shown } = conversation;
  const lines: Line[] = [{ kind: "heading", text: topic === "" ? shown : `${shown}: ${topic}` }];
  const fresh = entries.filter(({ seq }) => !printed.has(seq));
  const context = entries.filter(({ seq }) => printed.has(seq)).slice(-CONTEXT);
  const all = [...context, ...fresh].toSorted((a, b) => a.seq - b.seq);
  const first = all.findIndex((e) => e.kind === "message" && !e.isOwn && e.seq > read);
  const missing =
    unread - all.filter((e) => e.kind === "message" && !e.isOwn && e.seq > read).length;
  if (missing > 0 && conversation.loading === "done") {
    lines.push({
      kind: "note",
      text: `${missing} more above these: /history ${Math.min(500, unread)}`,
    });
  }
  if (first <= 0 || unread === 0) return [...lines, ...all];
  return [...lines, ...all.slice(0, first), { kind: "unread" }, ...all.slice(first)];
}

/** As if all its entries were printed now. */
export function asPrinted(conversation: Conversation): Conversation {
  return { ...conversation, printed: new Set(conversation.entries.map(({ seq }) => seq)) };
}
