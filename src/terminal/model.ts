// Everything that the terminal client knows, and the one function that changes it: from what happened to what is known,
// what is printed, and what is to be done about it. Pure: no socket, no screen, no clock.

import { nameKey } from "../protocol/name-keys.ts";
import {
  asPrinted,
  type Conversation,
  countUnread,
  createConversation,
  isWaiting,
  linesOnVisit,
  readUpTo,
  withEntries,
} from "./conversation.ts";
import type { Connection, Effect, Happening, Known, Pending } from "./happening.ts";
import { dayOf, type Line, type MessageEntry } from "./lines.ts";

export interface Model {
  readonly me: string;
  readonly myKey: string;
  readonly connection: Connection;
  /** In the order in which they were opened: their numbers. */
  readonly conversations: readonly Conversation[];
  /** As the server last told: one is in them, or may join them. */
  readonly rooms: readonly string[];
  /** The key of the one that is written to. */
  readonly current: string | undefined;
  readonly pending: readonly Pending[];
  /** Whether somebody looks at the terminal; undefined where it does not tell. */
  readonly hasFocus: boolean | undefined;
  /** Who wrote last, in which conversation. */
  readonly lastFrom: string | undefined;
  /** The day of what was printed last. */
  readonly day: string | undefined;
  /** The keys of conversations in which somebody types, with his name, and since when. */
  readonly typing: ReadonlyMap<string, { readonly who: string; readonly at: number }>;
  /** Set while away: what is answered, and who has had the answer. */
  readonly away: { readonly text: string; readonly answered: ReadonlySet<string> } | undefined;
}

export interface Change {
  readonly model: Model;
  readonly print: readonly Line[];
  readonly effects: readonly Effect[];
}

/** How long somebody who types is said to type, in ms, when nothing more comes. */
const TYPING = 6_000;

/** How much of a conversation is asked for when it is gone to for the first time, at least and at most. */
const FIRST_LOOK = 10;
const LONGEST_LOOK = 200;

export function createModel(me: string): Model {
  return {
    me,
    myKey: nameKey(me),
    connection: { state: "connecting" },
    conversations: [],
    rooms: [],
    current: undefined,
    pending: [],
    hasFocus: undefined,
    lastFrom: undefined,
    day: undefined,
    typing: new Map(),
    away: undefined,
  };
}

export function update(model: Model, happened: Happening): Change {
  const change = CHANGES[happened.kind](model, happened as never);
  const { print, day } = withDays(change.print ?? [], change.model.day);
  return { model: { ...change.model, day }, print, effects: change.effects ?? [] };
}

interface Partly {
  readonly model: Model;
  readonly print?: readonly Line[];
  readonly effects?: readonly Effect[];
}

type Changes = {
  readonly [K in Happening["kind"]]: (
    model: Model,
    happened: Extract<Happening, { kind: K }>,
  ) => Partly;
};

const CHANGES: Changes = {
  connection: (model, { connection }) => ({ model: { ...model, connection } }),

  welcomed: (model, { name }) => ({ model: { ...model, me: name, myKey: nameKey(name) } }),

  conversations: (model, { known, rooms }) => {
    const learned = known.reduce(learn, { ...model, rooms });
    const here = find(learned, learned.current ?? "");
    // There was no connection when it was gone to.
    return here?.loading === "not-asked" ? askFor(learned, here) : { model: learned };
  },

  entry: (model, { with: shown, entry, isReplayed, topic }) => {
    const key = nameKey(shown);
    const opened = open(model, shown);
    const before = find(opened, key);
    if (before === undefined || before.entries.some(({ seq }) => seq === entry.seq))
      return { model };
    let conversation = countUnread(withEntries(before, [entry]), entry);
    if (topic !== undefined) conversation = { ...conversation, topic };
    const isHere = model.current === key && !isWaiting(conversation);
    const effects: Effect[] = [];
    if (isHere) {
      const printed = new Set(conversation.printed).add(entry.seq);
      conversation = { ...readUpTo(conversation, entry.seq), printed };
      if (entry.kind === "message" && !entry.isOwn) {
        effects.push({ kind: "read", with: shown, seq: entry.seq });
      }
    }
    let next = put(opened, conversation);
    if (entry.kind === "message" && !entry.isOwn) {
      next = { ...next, lastFrom: key, typing: withoutKey(next.typing, key) };
      const isForMe = entry.isMention || !conversation.isRoom;
      const isSeen = isHere && model.hasFocus === true;
      if (isForMe && !isSeen && !conversation.isMuted && model.away === undefined) {
        effects.push({ kind: "ring", text: `${entry.from}: ${entry.body}` });
      }
      const answer = isReplayed ? undefined : awayAnswer(next, conversation, entry);
      if (answer !== undefined) {
        next = answer.model;
        effects.push({ kind: "answer", to: shown, body: answer.text });
      }
    }
    return { model: next, print: isHere ? [entry] : [], effects };
  },

  history: (model, { with: shown, entries, isComplete }) => {
    const conversation = find(model, nameKey(shown));
    if (conversation === undefined) return { model };
    const loading = isComplete ? "done" : "not-asked";
    const done: Conversation = { ...withEntries(conversation, entries), loading };
    const isNothing = !isComplete && done.entries.length === 0;
    if (isNothing || model.current !== done.key || !isWaiting(conversation)) {
      return { model: put(model, done) };
    }
    return visit(model, done);
  },

  members: (model, { with: shown, names }) => {
    const conversation = find(model, nameKey(shown));
    if (conversation === undefined) return { model };
    return { model: put(model, { ...conversation, members: names }) };
  },

  topic: (model, { with: shown, topic }) => {
    // Told of a room that is joined, before one goes there.
    const opened = open(model, shown);
    const before = find(opened, nameKey(shown));
    if (before === undefined) return { model };
    const conversation = { ...before, topic };
    const isAwaited = model.current === before.key && before.loading === "joining";
    const next = put(opened, conversation);
    return isAwaited ? askFor(next, conversation) : { model: next };
  },

  left: (model, { with: shown }) => {
    const key = nameKey(shown);
    const conversations = model.conversations.filter((one) => one.key !== key);
    const current = model.current === key ? undefined : model.current;
    return { model: { ...model, conversations, current } };
  },

  sending: (model, { id, to, body }) => {
    const pending: Pending = { id, to: nameKey(to), toShown: to, body, mark: "waiting" };
    // What went to several at once, by another program, is no conversation.
    const opened = to.includes(",") ? model : open(model, to);
    return { model: { ...opened, pending: [...model.pending, pending] } };
  },

  sent: (model, { id, seq, at }) => {
    const sent = model.pending.find((one) => one.id === id);
    if (sent === undefined) return { model };
    const rest = { ...model, pending: model.pending.filter((one) => one !== sent) };
    if (seq === undefined || sent.to.includes(",")) return { model: rest };
    const entry: MessageEntry = {
      kind: "message",
      seq,
      at,
      from: model.me,
      body: sent.body,
      isOwn: true,
      isMention: false,
      wasWaiting: true,
    };
    return CHANGES.entry(rest, { kind: "entry", with: sent.toShown, entry, isReplayed: false });
  },

  refused: (model, { id, why }) => {
    const pending = model.pending.map((one): Pending =>
      one.id === id ? { ...one, mark: "refused", why } : one,
    );
    return { model: { ...model, pending } };
  },

  discard: (model, { ids }) => ({
    model: { ...model, pending: model.pending.filter(({ id }) => !ids.includes(id)) },
  }),

  read: (model, { with: shown, seq }) => {
    const conversation = find(model, nameKey(shown));
    return { model: conversation === undefined ? model : put(model, readUpTo(conversation, seq)) };
  },

  typing: (model, { with: shown, who, at }) => {
    const typing = new Map(model.typing).set(nameKey(shown), { who, at });
    return { model: { ...model, typing } };
  },

  tick: (model, { now }) => {
    const typing = new Map([...model.typing].filter(([, { at }]) => at + TYPING > now));
    return { model: typing.size === model.typing.size ? model : { ...model, typing } };
  },

  go: (model, { to, draft, isJoining }) => {
    const key = nameKey(to);
    const left = find(model, model.current ?? "");
    const kept = left === undefined ? model : put(model, { ...left, draft });
    const opened = { ...open(kept, to), current: key };
    const conversation = find(opened, key);
    if (conversation === undefined || key === model.current) return { model: opened };
    if (conversation.loading === "done") return visit(opened, conversation);
    if (isJoining !== true) return askFor(opened, conversation);
    return { model: put(opened, { ...conversation, loading: "joining" }) };
  },

  focus: (model, { hasFocus }) => ({ model: { ...model, hasFocus } }),

  mute: (model) => {
    const conversation = find(model, model.current ?? "");
    if (conversation === undefined) return { model };
    const isMuted = !conversation.isMuted;
    const text = `${conversation.shown} ${isMuted ? "is muted" : "is not muted any more"}`;
    return { model: put(model, { ...conversation, isMuted }), print: [{ kind: "note", text }] };
  },

  away: (model, { text }) => {
    const isBack = model.away !== undefined && text === "";
    const away = isBack ? undefined : { text, answered: new Set<string>() };
    const said = isBack ? "you are back" : "you are away: no bell rings; /away again to undo";
    return { model: { ...model, away }, print: [{ kind: "note", text: said }] };
  },

  say: (model, { lines }) => ({ model, print: lines }),
};

/** What was refused, the oldest first. */
export function refusedOf({ pending }: Model): readonly Pending[] {
  return pending.filter(({ mark }) => mark === "refused");
}

export function find(model: Model, key: string): Conversation | undefined {
  return model.conversations.find((one) => one.key === key);
}

function put(model: Model, changed: Conversation): Model {
  const conversations = model.conversations.map((one) => (one.key === changed.key ? changed : one));
  return { ...model, conversations };
}

function open(model: Model, shown: string): Model {
  const key = nameKey(shown);
  if (find(model, key) !== undefined) return model;
  return { ...model, conversations: [...model.conversations, createConversation(key, shown)] };
}

/** What the server counted up to its newest, and what came since. */
function learn(model: Model, known: Known): Model {
  const opened = open(model, known.with);
  const before = find(opened, nameKey(known.with));
  if (before === undefined) return model;
  const read = Math.max(before.read, known.read);
  const since = before.entries.filter(
    (e) => e.kind === "message" && !e.isOwn && e.seq > known.newest && e.seq > read,
  ).length;
  const unread = (read >= known.newest ? 0 : known.unread) + since;
  return put(opened, {
    ...before,
    topic: known.topic ?? before.topic,
    read,
    newest: Math.max(before.newest, known.newest),
    unread,
    isUrgent: unread > 0 && (before.isUrgent || !before.isRoom),
  });
}

/** Asks for the newest of a conversation that is gone to for the first time. */
function askFor(model: Model, conversation: Conversation): Partly {
  const count = Math.min(LONGEST_LOOK, Math.max(FIRST_LOOK, conversation.unread + 5));
  return {
    model: put(model, { ...conversation, loading: "asked" }),
    effects: [{ kind: "fetch", with: conversation.shown, count }],
  };
}

/** Prints a conversation that was gone to; with that it is read. */
function visit(model: Model, conversation: Conversation): Partly {
  const newest = Math.max(conversation.newest, conversation.entries.at(-1)?.seq ?? 0);
  const isRead = newest > conversation.read;
  return {
    model: put(model, readUpTo(asPrinted(conversation), newest)),
    print: linesOnVisit(conversation),
    effects: isRead ? [{ kind: "read", with: conversation.shown, seq: newest }] : [],
  };
}

/** Each who writes to somebody that is away is answered once, so that two of them do not answer each other for ever. */
function awayAnswer(
  model: Model,
  conversation: Conversation,
  entry: MessageEntry,
): { readonly model: Model; readonly text: string } | undefined {
  const { away } = model;
  const isWanted = away !== undefined && away.text !== "" && !conversation.isRoom;
  if (!isWanted || away.answered.has(conversation.key) || entry.isOwn) return undefined;
  const answered = new Set(away.answered).add(conversation.key);
  return { model: { ...model, away: { ...away, answered } }, text: `(away) ${away.text}` };
}

/** Puts a line between two days. */
function withDays(
  lines: readonly Line[],
  day: string | undefined,
): { print: readonly Line[]; day: string | undefined } {
  const print: Line[] = [];
  for (const line of lines) {
    if (line.kind === "message" || line.kind === "event") {
      const own = dayOf(line.at);
      if (own !== day) print.push({ kind: "day", at: line.at });
      day = own;
    }
    print.push(line);
  }
  return { print, day };
}

function withoutKey<V>(map: ReadonlyMap<string, V>, key: string): ReadonlyMap<string, V> {
  if (!map.has(key)) return map;
  return new Map([...map].filter(([one]) => one !== key));
}
