// Between the SDK's line and the model: what the line tells becomes something that happened, and what is asked for is
// asked of the line. Everything that others wrote is made clean here, and only here.

import { setImmediate as turn } from "node:timers/promises";
import type {
  Delivery,
  Line,
  LineError,
  LineState,
  Message,
  RoomEvent,
  StoredSend,
} from "../client/index.ts";
import type { Entry, Line as Printed } from "./lines.ts";
import type { Connection, Happening, Known } from "./happening.ts";
import { parseSlash } from "../protocol/line/slash.ts";
import { mentions, nameKey } from "../protocol/name-keys.ts";
import { answerCommand } from "./answer-command.ts";
import { newest } from "./newest.ts";
import { InPlace } from "./in-place.ts";
import { sanitizeBody, sanitizeLine } from "./sanitize.ts";

/** How many conversations are known from the start; the others show when something comes. */
const CONVERSATIONS = 100;

/** How long an answer may take before one goes on without it, in ms. */
const PATIENCE = 5_000;

/** How many messages are told before anything else gets its turn. */
const TOGETHER = 50;

export class Session {
  readonly #line: Line;
  readonly #happen: (happened: Happening) => void;
  readonly #inPlace = new InPlace();
  /** The sends that were told as waiting. */
  readonly #told = new Set<number>();
  /** The highest seq that is to be confirmed. */
  #confirming: number | undefined;

  /** @param happen told everything, one after the other */
  constructor(line: Line, happen: (happened: Happening) => void) {
    this.#line = line;
    this.#happen = happen;
  }

  /** Begins to tell. Resolves when what was kept of former runs is told. @throws LineError `store` */
  async start(): Promise<void> {
    const line = this.#line;
    line.on("state", (state) => this.#stateChanged(state));
    line.on("outbox", (settled) => {
      this.#tellUnsent();
      if (settled === undefined) return;
      this.#told.delete(settled.id);
      const { id } = settled;
      if (settled.outcome === "sent") {
        const [seq] = Object.values(settled.seqs ?? {});
        const { at = Date.now() } = settled;
        if (seq === undefined) this.#happen({ kind: "sent", id, at });
        else this.#inPlace.sent({ seq, tell: () => this.#happen({ kind: "sent", id, at, seq }) });
      } else {
        this.#happen({ kind: "refused", id, why: sanitizeLine(settled.error.message) });
      }
    });
    line.on("lost", ({ from, to }) =>
      this.#say("error", `the server has lost what lies from ${from} to ${to}`),
    );
    line.on("read", ({ with: shown, seq }) => {
      this.#happen({ kind: "read", with: sanitizeLine(shown), seq });
    });
    line.on("typing", ({ from, to }) => {
      const who = sanitizeLine(from);
      const shown = to.startsWith("#") ? sanitizeLine(to) : who;
      this.#happen({ kind: "typing", with: shown, who, at: Date.now() });
    });
    line.on("invited", ({ room, by }) => {
      const shown = sanitizeLine(room);
      this.#say("note", `${sanitizeLine(by)} invites you: /join ${shown}`);
    });
    await line.opened;
    this.#tellRefused();
    this.#tellUnsent();
    this.#stateChanged(line.state);
  }

  /** Tells everything that comes until the line is closed. @throws LineError why it ended by itself */
  async deliver(): Promise<void> {
    let together = 0;
    for await (const delivery of this.#line.deliveries({ confirm: false })) {
      this.#inPlace.delivers(delivery.seq, delivery.isReplayed);
      this.#happen(this.#entryOf(delivery));
      this.#confirmSoon(delivery.seq);
      together += 1;
      // Between many that are there at once keys are read, and what came is drawn.
      if (together % TOGETHER === 0) await turn();
    }
  }

  /** What comes together is confirmed together. */
  #confirmSoon(seq: number): void {
    const isWaiting = this.#confirming !== undefined;
    this.#confirming = seq;
    if (isWaiting) return;
    setImmediate(() => {
      const last = this.#confirming ?? seq;
      this.#confirming = undefined;
      this.#line.confirm(last).catch((error: LineError) => this.#say("error", error.message));
    });
  }

  /** Puts a message into the outbox; what becomes of it is told. */
  send(to: string | readonly string[], body: string): void {
    // A refusal is told as what became of it.
    this.#line.send(to, body).catch((error: LineError) => {
      if (error.code === "store") this.#say("error", `not kept: ${error.message}`);
    });
  }

  /** Sends a refused message again, as it reads now; with that it is refused no more. */
  sendAgain(id: number, to: string, body: string): void {
    const { to: recipients = [to] } = this.#line.refused.find((one) => one.id === id) ?? {};
    // In the outbox first.
    this.send(recipients, body);
    this.discard([id]);
  }

  /** Forgets refused messages. */
  discard(ids: readonly number[]): void {
    for (const id of ids) {
      this.#line.dismiss(id).catch((error: LineError) => this.#say("error", error.message));
    }
    this.#happen({ kind: "discard", ids });
  }

  markRead(conversation: string, seq: number): void {
    this.#line.markRead(conversation, seq);
  }

  typing(conversation: string): void {
    this.#line.typing(conversation);
  }

  /** Connects at once, if it waits to. */
  retry(): void {
    this.#line.retry();
  }

  /** Asks for the newest of a conversation, and tells `history` in any case. */
  async fetch(conversation: string, count: number): Promise<void> {
    const entries = await this.history(conversation, count).catch(() => undefined);
    // With these everything below is told.
    this.#inPlace.tellUpTo(entries?.at(-1)?.seq ?? 0);
    this.#happen({
      kind: "history",
      with: conversation,
      entries: entries ?? [],
      isComplete: entries !== undefined,
    });
    if (entries === undefined || !conversation.startsWith("#")) return;
    // For Tab alone: without them it offers fewer.
    const members = await this.#line.members(conversation).catch(() => []);
    const names = members.map(({ name }) => sanitizeLine(name));
    this.#happen({ kind: "members", with: conversation, names });
  }

  /** @throws LineError */
  async history(conversation: string, count: number): Promise<Entry[]> {
    const patience = AbortSignal.timeout(this.#isOnline ? PATIENCE : 0);
    const deliveries = await newest(this.#line, conversation, count, patience);
    return deliveries.map((delivery) => this.#entryOf(delivery).entry);
  }

  /** @throws LineError */
  async join(room: string): Promise<void> {
    const joined = await this.#line.join(room);
    this.#happen({
      kind: "topic",
      with: sanitizeLine(joined.room),
      topic: sanitizeLine(joined.topic),
    });
  }

  /** @throws LineError */
  async leave(room: string): Promise<void> {
    await this.#line.leave(room);
  }

  /** @throws LineError */
  async setTopic(room: string, text: string): Promise<void> {
    await this.#line.setTopic(room, text);
  }

  /** Who is in a room, with a word about who stands out; or who is connected. @throws LineError */
  async who(room: string | undefined): Promise<string> {
    if (room === undefined)
      return `connected: ${(await this.#line.who()).map(sanitizeLine).join(", ")}`;
    const members = await this.#line.members(room);
    const shown = members.map(({ name, standing }) =>
      standing === "owner" || standing === "moderator" ? `${name} (${standing})` : name,
    );
    return `${room}: ${shown.map(sanitizeLine).join(", ")}`;
  }

  /** Does what a command of the line protocol does. @returns the answer, a line each @throws LineError, ChatError */
  async ask(text: string): Promise<string[]> {
    const command = parseSlash(text);
    if (command.kind === "quit") return [];
    return (await answerCommand(this.#line, command)).map(sanitizeLine);
  }

  /** @throws LineError */
  async search(
    words: string,
  ): Promise<readonly { readonly where: string; readonly entry: Entry }[]> {
    const { messages } = await this.#line.search(
      words,
      { limit: 20 },
      AbortSignal.timeout(PATIENCE),
    );
    return messages.toReversed().map((message) => {
      const { with: where, entry } = this.#entryOf({
        ...message,
        kind: "message",
        isReplayed: true,
        isOwn: message.from === this.#line.name,
      });
      return { where, entry };
    });
  }

  get #isOnline(): boolean {
    return this.#line.state.kind === "online";
  }

  /** What was refused before, and is kept until somebody deals with it. */
  #tellRefused(): void {
    for (const send of this.#line.refused) {
      this.#tellSending(send);
      this.#happen({ kind: "refused", id: send.id, why: sanitizeLine(send.text) });
    }
  }

  /** What is in the outbox and was not told yet waits. */
  #tellUnsent(): void {
    for (const send of this.#line.unsent) {
      if (this.#told.has(send.id)) continue;
      this.#told.add(send.id);
      this.#tellSending(send);
    }
  }

  #tellSending({ id, to, body }: StoredSend): void {
    const shown = sanitizeLine(to.join(", "));
    this.#happen({ kind: "sending", id, to: shown, body: sanitizeBody(body) });
  }

  #stateChanged(state: LineState): void {
    const connection = connectionOf(state);
    this.#happen({ kind: "connection", connection });
    if (state.kind !== "online") return this.#inPlace.offline();
    this.#inPlace.loggedIn();
    this.#happen({ kind: "welcomed", name: sanitizeLine(this.#line.name) });
    this.#learn().catch((error: LineError) => this.#say("error", error.message));
  }

  /** Asks which conversations there are, also after every reconnect: other devices may have read or left some. */
  async #learn(): Promise<void> {
    const [conversations, rooms] = await Promise.all([
      this.#line.conversations(CONVERSATIONS),
      this.#line.rooms(),
    ]);
    const topics = new Map(rooms.map(({ room, topic }) => [nameKey(room), sanitizeLine(topic)]));
    const known = conversations.map(({ with: shown, last, read, unread }): Known => {
      const topic = topics.get(nameKey(shown));
      const newest = last?.seq ?? 0;
      return {
        with: sanitizeLine(shown),
        newest,
        read,
        unread,
        ...(topic !== undefined && { topic }),
      };
    });
    const keys = new Set(known.map((one) => nameKey(one.with)));
    for (const { room, topic, isMember } of rooms) {
      if (!isMember || keys.has(nameKey(room))) continue;
      known.push({
        with: sanitizeLine(room),
        topic: sanitizeLine(topic),
        newest: 0,
        read: 0,
        unread: 0,
      });
    }
    const all = rooms.map(({ room }) => sanitizeLine(room));
    this.#happen({ kind: "conversations", known, rooms: all });
  }

  #entryOf(delivery: Delivery): Extract<Happening, { kind: "entry" }> {
    const { isReplayed } = delivery;
    if (delivery.kind === "message") {
      const where = conversationOf(delivery);
      return { kind: "entry", with: where, entry: this.#messageEntry(delivery), isReplayed };
    }
    const { seq, at, room } = delivery;
    const text = eventText(delivery);
    return {
      kind: "entry",
      with: sanitizeLine(room),
      entry: { kind: "event", seq, at, text },
      isReplayed,
      ...(delivery.kind === "topic" && { topic: sanitizeLine(delivery.text ?? "") }),
    };
  }

  #messageEntry(message: Message): Entry {
    const { seq, at, isOwn } = message;
    const [from, body] = [sanitizeLine(message.from), sanitizeBody(message.body)];
    const isMention =
      message.to.startsWith("#") && !isOwn && mentions(body, nameKey(this.#line.name));
    return { kind: "message", seq, at, from, body, isOwn, isMention };
  }

  #say(kind: Extract<Printed["kind"], "note" | "error">, text: string): void {
    this.#happen({ kind: "say", lines: [{ kind, text: sanitizeLine(text) }] });
  }
}

function conversationOf({ from, to, isOwn }: Message): string {
  return sanitizeLine(to.startsWith("#") || isOwn ? to : from);
}

function eventText({ kind, name, by, text }: RoomEvent): string {
  const who = sanitizeLine(name);
  const why = text === undefined || text === "" ? "" : `: ${sanitizeLine(text)}`;
  switch (kind) {
    case "join":
      return `${who} joined`;
    case "leave":
      return `${who} left`;
    case "kick":
      return `${who} was put out${by === undefined ? "" : ` by ${sanitizeLine(by)}`}${why}`;
    default:
      return `${who} set the topic${why}`;
  }
}

function connectionOf(state: LineState): Connection {
  switch (state.kind) {
    case "online":
      return { state: "online" };
    case "reconnecting":
      return { state: "reconnecting", until: state.at, why: sanitizeLine(state.why) };
    case "connecting":
      // An attempt is part of the way back.
      return state.why === undefined
        ? { state: "connecting" }
        : { state: "reconnecting", until: 0, why: sanitizeLine(state.why) };
    case "offline":
      return { state: "offline", why: "there is no network" };
    default:
      return { state: "offline", why: sanitizeLine(state.error?.message ?? "closed") };
  }
}
