// What a logged-in person sees and does: the line's news become state, and what is done goes to the line.

import {
  batch,
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
  untracked,
} from "@preact/signals";
import type {
  Delivery,
  Message,
  PresentName,
  RefusedSend,
  Unsent,
} from "../../../src/client/index.ts";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import type {
  FromHost,
  LineStatus,
  Login,
  OutboxState,
  SettledSend,
  Trouble,
} from "../line/messages.ts";
import { Refusal, SharedLine } from "../line/shared-line.ts";
import {
  type Conversation,
  type Conversations,
  delivered,
  isFor,
  learned,
  listed,
  opened,
  placeOf,
  readUpTo,
  without,
} from "../model/conversations.ts";
import { countAbove, reachesDown } from "../model/timeline.ts";
import { isolate, words } from "../words/words.ts";
import { announceMessages } from "./announcer.ts";
import { notify } from "./notifier.ts";
import { readView } from "./kept-view.ts";
import { currentPlace, goTo } from "./place.ts";
import { muted, prependDraft } from "./own.ts";
import { Timelines } from "./timelines.ts";

/** How long somebody who types is said to type, in ms, when nothing more comes. */
const TYPING = 6_000;
/** So often the others are told that one types, in ms. */
const TYPING_TOLD = 3_000;

export interface Writer {
  readonly who: string;
  readonly at: number;
}

export type Member = Awaited<ReturnType<SharedLine["ask"]["members"]>>[number];

export class Chat {
  readonly line: SharedLine;
  readonly timelines: Timelines;
  readonly me: Signal<string>;
  readonly status: Signal<LineStatus> = signal({ kind: "connecting" });
  readonly conversations: Signal<Conversations> = signal(new Map());
  readonly unsent: Signal<readonly Unsent[]> = signal([]);
  readonly refused: Signal<readonly RefusedSend[]> = signal([]);
  readonly presence: Signal<ReadonlyMap<string, PresentName>> = signal(new Map());
  /** Who is in the rooms that were looked at, by their keys, as it was when it could be asked for last. */
  readonly members: Signal<ReadonlyMap<string, readonly Member[]>> = signal(new Map());
  /** Who types, by the key of the conversation. */
  readonly typing: Signal<ReadonlyMap<string, Writer>> = signal(new Map());
  /** What is said to the person beside the messages; newer ones take its place. */
  readonly notice: Signal<string> = signal("");
  /** What went wrong, to be said in the person's language. */
  readonly trouble: Signal<Trouble | undefined> = signal(undefined);
  /** Who lets one into which room. */
  readonly invitation: Signal<{ readonly room: string; readonly by: string } | undefined> =
    signal(undefined);
  /** Whether the server has told at least once which conversations there are. */
  readonly isLearned: Signal<boolean> = signal(false);

  /** The conversation that is looked at. */
  readonly current: ReadonlySignal<Conversation | undefined> = computed(() => {
    const place = currentPlace.value;
    return place === "" ? undefined : this.conversations.value.get(nameKey(place));
  });

  /** Unread messages that are for this person: direct ones, and mentions. */
  readonly urgent: ReadonlySignal<number> = computed(() => {
    const all = [...this.conversations.value.values()];
    const counted = all.filter(({ key, isUrgent }) => isUrgent && !muted.value.includes(key));
    return counted.reduce((sum, { isRoom, unread }) => sum + (isRoom ? 1 : unread), 0);
  });

  #typedAt = 0;
  /** Whether what conversations there are is being asked for, and has to be once more. */
  #isLearning = false;
  #isOutdated = false;

  constructor(name: string) {
    this.me = signal(name);
    this.line = new SharedLine(name, (what) => batch(() => this.#happened(what)));
    const history = this.line.ask.history;
    this.timelines = new Timelines(history, (key) => this.#newest(key));
    const view = readView(name);
    if (view === undefined) return;
    this.conversations.value = new Map(view.conversations.map((one) => [one.key, one]));
    this.timelines.restore(view.timelines);
  }

  enter(login?: Login, takeOver?: boolean): void {
    this.line.enter(login, takeOver);
  }

  /** Looks at a conversation, or begins one. */
  go(shown: string): void {
    this.conversations.value = opened(this.conversations.value, shown);
    goTo(shown);
  }

  /** What is gone to is visited before it is shown, until it is ended. */
  look(): () => void {
    const key = computed(() => this.current.value?.key);
    return effect(() => {
      const { value: isLearned } = this.isLearned;
      if (key.value === undefined) return;
      untracked(() => this.timelines.visit(this.current.value as Conversation, isLearned));
    });
  }

  /** Into the outbox; what becomes of it is told. */
  send(to: Conversation, body: string): void {
    this.line.say({ kind: "send", to: to.shown, body });
    this.#typedAt = 0;
    this.toNewest(to);
  }

  /** Goes to its end. What lies before it counts as seen, as it does for who answers. */
  toNewest({ key, shown }: Conversation): void {
    void this.timelines.toNewest(key, shown).catch(() => {});
    const here = this.conversations.value.get(key);
    if (here !== undefined) this.#read(here, here.last?.seq ?? 0);
  }

  typed({ shown }: Conversation): void {
    if (Date.now() - this.#typedAt < TYPING_TOLD) return;
    this.#typedAt = Date.now();
    this.line.say({ kind: "typing", to: shown });
  }

  /** What is shown up to a seq was seen; only if nothing unread lies between it and what was. */
  seen(here: Conversation, seq: number): void {
    if (!this.isSkipped(here)) this.#read(here, seq);
  }

  /** Whether some of what is unread lies before what is shown. */
  isSkipped({ key, read, unread }: Conversation): boolean {
    return unread > 0 && !reachesDown(this.timelines.at(key).peek().timeline, read);
  }

  #read({ key, shown, read }: Conversation, seq: number): void {
    if (seq <= read) return;
    const left = countAbove(this.timelines.at(key).peek().timeline, seq);
    this.conversations.value = readUpTo(this.conversations.value, shown, seq, left);
    this.line.say({ kind: "read", with: shown, seq });
  }

  /**
   * Takes an unsent or refused message out of the outbox, unless it may be on the server.
   * @param use is given its text before it is let go of, where that is possible
   */
  async takeBack(id: number, use: (body: string) => void = () => {}): Promise<void> {
    const refused = this.refused.value.find((one) => one.id === id);
    const unsent = this.unsent.value.find((one) => one.id === id);
    if (refused !== undefined) {
      use(refused.body);
      await this.line.ask.dismiss(id);
    } else if (unsent !== undefined && (await this.line.ask.withdraw(id))) use(unsent.body);
  }

  /** Joins a room, and goes there if one is still where one asked. @throws Refusal */
  async join(room: string): Promise<void> {
    this.needConnection();
    const asked = currentPlace.peek();
    const { room: shown, topic, isPrivate, members } = await this.line.ask.join(room);
    const conversations = opened(this.conversations.value, shown);
    const before = conversations.get(nameKey(shown)) as Conversation;
    const after = { ...before, isMember: true, topic, isPrivate, members };
    this.conversations.value = new Map(conversations).set(before.key, after);
    if (currentPlace.peek() === asked) this.go(shown);
  }

  /** Asks who is in a room. */
  async findMembers({ key, shown }: Conversation): Promise<void> {
    const all = await this.line.ask.members(shown);
    this.members.value = new Map(this.members.value).set(key, all);
  }

  /** @throws Refusal */
  async leave({ shown }: Conversation): Promise<void> {
    this.needConnection();
    await this.line.ask.leave(shown);
    this.conversations.value = without(this.conversations.value, shown);
  }

  /** Without a connection it would be done when nobody thinks of it any more. @throws Refusal */
  needConnection(): void {
    const status = this.status.peek();
    const isBeginning = status.kind === "connecting" && status.why === undefined;
    if (status.kind !== "online" && !isBeginning) throw new Refusal({ code: "offline", text: "" });
  }

  logOut(): void {
    this.line.say({ kind: "logOut" });
  }

  #newest(key: string): number {
    return this.conversations.peek().get(key)?.last?.seq ?? 0;
  }

  #happened(what: FromHost): void {
    switch (what.kind) {
      case "status":
        return this.#statusChanged(what.name, what.status);
      case "outbox":
        return this.#outboxChanged(what.outbox);
      case "deliveries":
        return this.#delivered(what.deliveries, what.isNotified);
      case "presence":
        return this.#presenceChanged(what.names);
      case "read": {
        const { with: shown, seq } = what.read;
        const left = countAbove(this.timelines.at(nameKey(shown)).peek().timeline, seq);
        this.conversations.value = readUpTo(this.conversations.value, shown, seq, left);
        const { unread = 0 } = this.conversations.value.get(nameKey(shown)) ?? {};
        // How much of it is still new only the server knows.
        if (left === undefined && unread > 0) void this.#learn();
        return;
      }
      case "typing":
        return this.#typed(what.typing.from, what.typing.to);
      case "invited":
        this.invitation.value = what.invited;
        return;
      case "lost":
        // What will not be delivered is in history, if it is anywhere.
        this.timelines.forget();
        this.conversations.value = new Map();
        void this.#learn();
        return;
      case "unkept":
        prependDraft(nameKey(what.to), what.body);
        this.trouble.value = what.trouble;
        return;
      case "trouble":
        this.trouble.value = what.trouble;
        return;
      default:
    }
  }

  #statusChanged(name: string, status: LineStatus): void {
    const wasOnline = this.status.value.kind === "online";
    this.me.value = name;
    this.status.value = status;
    // Who is there is not known without a connection, and told anew with the next.
    if (status.kind !== "online") this.presence.value = new Map();
    if (status.kind === "online" && !wasOnline) void this.#learn();
  }

  /** Asks which conversations there are, also after every reconnect: other devices may have read or left some. */
  async #learn(): Promise<void> {
    this.#isOutdated = true;
    if (this.#isLearning) return;
    this.#isLearning = true;
    while (this.#isOutdated) await this.#learnOnce();
    this.#isLearning = false;
  }

  async #learnOnce(): Promise<void> {
    const { conversations, rooms } = this.line.ask;
    this.#isOutdated = false;
    try {
      const [known, all] = await Promise.all([conversations(), rooms()]);
      batch(() => {
        this.conversations.value = learned(this.conversations.value, known, all);
        // Whoever is written to for the first time is no conversation of the server's yet.
        for (const { to } of [...this.unsent.value, ...this.refused.value]) this.#open(to);
        this.isLearned.value = true;
      });
    } catch {
      // The line has ended, and says so itself.
    }
  }

  #open(to: readonly string[]): void {
    const [shown] = to;
    if (shown !== undefined) this.conversations.value = opened(this.conversations.value, shown);
  }

  #outboxChanged({ unsent, refused, settled }: OutboxState): void {
    if (settled?.outcome === "sent") this.#sent(settled);
    this.unsent.value = unsent;
    this.refused.value = refused;
    for (const { to } of [...unsent, ...refused]) this.#open(to);
  }

  /** Without a seq the answer was lost with a connection, and the message itself comes with the next. */
  #sent({ id, seqs = {}, at = Date.now() }: SettledSend): void {
    const send = this.unsent.value.find((one) => one.id === id);
    if (send === undefined) return;
    const { body } = send;
    for (const [to, seq] of Object.entries(seqs)) {
      const from = this.me.value;
      const shown: Message = {
        kind: "message",
        seq,
        from,
        to,
        body,
        at,
        isOwn: true,
        isReplayed: false,
      };
      this.conversations.value = delivered(this.conversations.value, shown, from);
      const item = { kind: "message", key: `s${id}`, seq, from, body, at, isOwn: true } as const;
      this.timelines.add(nameKey(to), item);
    }
  }

  #delivered(deliveries: readonly Delivery[], isNotified: boolean): void {
    const places = Map.groupBy(deliveries, (delivery) =>
      nameKey(delivery.kind === "message" ? placeOf(delivery) : delivery.room),
    );
    const me = this.me.value;
    let { value: conversations } = this.conversations;
    for (const delivery of deliveries) {
      this.#roomChanged(conversations, delivery);
      conversations = delivered(conversations, delivery, me);
      if (delivery.kind !== "message") continue;
      this.#stoppedTyping(nameKey(placeOf(delivery)));
      if (isNotified && isFor(delivery, me)) notify(delivery, (shown) => this.go(shown));
    }
    this.conversations.value = conversations;
    for (const [key, all] of places) this.timelines.deliver(key, all);
    const here = places.get(this.current.peek()?.key ?? "") ?? [];
    announceMessages(here.filter((one) => one.kind === "message").filter(({ isOwn }) => !isOwn));
  }

  /** One's own place in a room has changed, perhaps on another device. */
  #roomChanged(before: Conversations, delivery: Delivery): void {
    if (delivery.kind === "message" || nameKey(delivery.name) !== nameKey(this.me.value)) return;
    const { kind, room, by, text } = delivery;
    const wasMember = before.get(nameKey(room))?.isMember === true;
    // What it is like is asked for: the join does not say.
    if (kind === "join" && !wasMember) void this.#learn();
    if (kind === "kick" && wasMember) {
      const why = text === "" ? "" : isolate(text);
      this.notice.value = words.value.room.kicked(isolate(room), isolate(by ?? "?"), why);
    }
  }

  #presenceChanged(names: readonly PresentName[]): void {
    const all = new Map(this.presence.value);
    for (const one of names) all.set(nameKey(one.name), one);
    this.presence.value = all;
  }

  #typed(from: string, to: string): void {
    const key = nameKey(to.startsWith("#") ? to : from);
    const writer: Writer = { who: from, at: Date.now() };
    this.typing.value = new Map(this.typing.value).set(key, writer);
    setTimeout(() => {
      if (this.typing.value.get(key) === writer) this.#stoppedTyping(key);
    }, TYPING);
  }

  #stoppedTyping(key: string): void {
    if (!this.typing.value.has(key)) return;
    const others = new Map(this.typing.value);
    others.delete(key);
    this.typing.value = others;
  }
}

/** All conversations in the order in which they are listed. */
export function inOrder(conversations: Conversations): readonly Conversation[] {
  const { rooms, people } = listed(conversations);
  return [...rooms, ...people];
}
