// A line: one name's connection to a server, across any number of real ones. What everybody uses.

import {
  type Answers,
  NOTICES,
  type ServerFrame,
  type WelcomeFrame,
} from "../protocol/json/server-frames.ts";
import { Connection, type ConnectionOwner, type LineState } from "./connection.ts";
import { Credentials } from "./credentials.ts";
import { LineError } from "./errors.ts";
import { type Delivery, Inbox, type Message } from "./inbox.ts";
import { Keeper } from "./keeper.ts";
import type { LineEvents, LineOptions } from "./line-options.ts";
import { type Listener, Listeners } from "./listeners.ts";
import { Outbox, type Sent, type Unsent } from "./outbox.ts";
import { Questions } from "./questions.ts";
import { Requests } from "./requests.ts";
import { memoryStore, type RefusedSend } from "./store.ts";

/**
 * A name's line to a server. It connects, comes back by itself, sends each message once, and gives each
 * message once. Made with `connect`.
 */
export class Line extends Questions implements AsyncDisposable {
  readonly #keeper: Keeper;
  readonly #credentials: Credentials;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #inbox: Inbox;
  readonly #requests: Requests;
  /** Read markers that were set while there was no connection. */
  readonly #marks = new Map<string, number>();
  readonly #listeners = new Listeners();
  readonly #opened: Promise<void>;
  #name: string;
  #head = 0;
  /** How far the server's clock is ahead of ours, in ms. */
  #clockAhead = 0;
  #closed: Promise<void> | undefined;
  #isOpen = false;
  #isTaken = false;
  /** Set while it is asked to finish. */
  #finish: PromiseWithResolvers<void> | undefined;

  constructor(url: string, options: LineOptions) {
    super();
    this.#name = options.name;
    this.#keeper = new Keeper(options.store ?? memoryStore());
    this.#credentials = new Credentials(this.#keeper, options);
    this.#connection = new Connection(url, this.#connectionOwner());
    this.#outbox = new Outbox(
      this.#keeper,
      {
        transmit: (number, { id, to, body }) => {
          this.#requests.transmit(id);
          this.#connection.send({ send: number, to, body });
        },
        transmitted: () => this.#requests.transmit(this.#outbox.next),
        done: (number) => this.#connection.send({ done: number }),
        expired: () => this.#connection.renew("the outbox was forgotten"),
        changed: (settled) => {
          this.#listeners.tell("outbox", settled);
          this.#finishIfDone();
        },
      },
      options.keepRefused === true,
    );
    this.#inbox = new Inbox(this.#keeper, {
      confirmed: (ack) => this.#connection.send({ ack }),
      drained: () => this.#connection.again(),
    });
    this.#requests = new Requests((frame) => this.#connection.send(frame));
    this.#opened = this.#open();
    this.#opened.catch(() => {});
    if (options.signal?.aborted === true) void this.close();
    options.signal?.addEventListener("abort", () => void this.close(), { once: true });
  }

  /** The name as the server shows it; as it was given before the first login. */
  get name(): string {
    return this.#name;
  }

  /** What the connection is at. */
  get state(): LineState {
    return this.#connection.state;
  }

  /** What is written and not known to be on the server, the oldest first. */
  get unsent(): readonly Unsent[] {
    return this.#outbox.unsent;
  }

  /** How many they are. */
  get unsentCount(): number {
    return this.#outbox.count;
  }

  /** What the server has refused and nobody has dismissed, the oldest first: with `keepRefused`. */
  get refused(): readonly RefusedSend[] {
    return this.#outbox.refusals;
  }

  /** Resolves when what was kept of former runs is there. @throws LineError `store` */
  get opened(): Promise<void> {
    return this.#opened;
  }

  /**
   * Listens to something.
   * @returns a function that ends it
   * @example
   * ```ts
   * const end = line.on("state", (state) => console.log(state.kind));
   * end();
   * ```
   */
  on<E extends keyof LineEvents>(event: E, listener: Listener<E>): () => void {
    return this.#listeners.add(event, listener);
  }

  /**
   * Sends a message to names and rooms. Resolves when it is durable on the server, across any number of
   * connections.
   * @param to a name, a room, or several
   * @param options.signal gives it up
   * @throws LineError why the server refused it; `aborted` when it was given up before it was transmitted,
   *   `outcome-unknown` when after that
   * @example
   * ```ts
   * await line.send("bob", "hi");
   * await line.send(["bob", "#ops"], "deployed", { signal: AbortSignal.timeout(60_000) });
   * ```
   */
  async send(
    to: string | readonly string[],
    body: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Sent> {
    this.#refuseWhenFinishing();
    // Once it is open the message is in the outbox when this returns.
    if (!this.#isOpen) await this.#opened;
    this.#refuseWhenClosed();
    return this.#outbox.send(typeof to === "string" ? [to] : to, body, options.signal);
  }

  /**
   * Answers where a message came from: in its room, or to who sent it; one of this name's own to whom it went.
   * @throws LineError as `send`
   */
  reply(
    message: Message,
    body: string,
    options?: { readonly signal?: AbortSignal },
  ): Promise<Sent> {
    const isAnswered = message.to.startsWith("#") || message.isOwn;
    return this.send(isAnswered ? message.to : message.from, body, options);
  }

  /**
   * Takes an unsent message out of the outbox: it is not transmitted any more. Resolves when that would outlive a crash.
   * @param id of `unsent`
   * @returns false when it may be on the server already
   * @throws LineError `store`: the next run of this program may send it
   */
  withdraw(id: number): Promise<boolean> {
    return this.#outbox.withdraw(id);
  }

  /**
   * Lets go of a refused message.
   * @param id of `refused`
   * @throws LineError `store`
   */
  dismiss(id: number): Promise<void> {
    return this.#outbox.dismiss(id);
  }

  /**
   * Each message that comes, once; those that this very client sent do not come back. Asking for the next
   * one confirms the one before: it does not come again, to no client of this name. What is at hand together is
   * confirmed together; who must have each confirmed for good before the next one uses `confirm`. To be used once.
   * @throws LineError why the line has ended, unless it was closed
   * @example
   * ```ts
   * for await (const message of line.messages())
   *   if (message.body === "hello") await line.reply(message, "hi");
   * ```
   */
  async *messages(): AsyncGenerator<Message, void, void> {
    for await (const delivery of this.deliveries()) {
      if (delivery.kind === "message" && !this.isMine(delivery)) yield delivery;
    }
  }

  /**
   * The same with the events of rooms, and with what this client sent itself where a new login brings it
   * (see `isMine`): for those who show conversations. To be used once, instead of `messages`.
   * @param options.confirm false: nothing is confirmed but by `confirm`
   */
  async *deliveries(
    options: { readonly confirm?: boolean } = {},
  ): AsyncGenerator<Delivery, void, void> {
    if (this.#isTaken) throw new TypeError("what comes can be taken once");
    this.#isTaken = true;
    for (;;) {
      const delivery = await this.#inbox.take();
      if (delivery === undefined) return;
      yield delivery;
      if (options.confirm === false) continue;
      const confirmed = this.#inbox.confirm(delivery.seq);
      // With more at hand they are written together: a failure shows with the last one.
      if (this.#inbox.isEmpty) await confirmed;
      else confirmed.catch(() => {});
    }
  }

  /** Everything up to a seq is done with. Resolves when that would outlive a crash. */
  confirm(seq: number): Promise<void> {
    return this.#inbox.confirm(seq);
  }

  /** Whether this client itself has sent a message, notes to oneself excepted. */
  isMine({ outbox, to, from }: Message): boolean {
    return outbox === this.#outbox.id && to !== from;
  }

  /** This conversation is read up to a seq, on all devices. Told once there is a connection, if not forgotten by then. */
  markRead(conversation: string, seq: number): void {
    if (this.state.kind === "online") this.#connection.send({ read: conversation, seq });
    else this.#marks.set(conversation, Math.max(seq, this.#marks.get(conversation) ?? 0));
  }

  /** Tells the others that one is writing. */
  typing(conversation: string): void {
    this.#connection.send({ typing: conversation });
  }

  /** Tries to connect at once, if it waits. */
  retry(): void {
    this.#connection.retry();
  }

  /**
   * Waits until everything written is on the server or refused, and everything that was waiting here has come.
   * Then nothing more comes: `messages` and `deliveries` end after it. Nothing can be sent or asked any more: close the
   * line after that.
   * @throws LineError why the line ended before
   * @example
   * ```ts
   * await line.send("bob", "hi");
   * await line.finish();
   * ```
   */
  async finish(): Promise<void> {
    this.#refuseWhenClosed();
    this.#finish ??= Promise.withResolvers();
    this.#finishIfDone();
    await this.#finish.promise;
  }

  /** Ends it: nothing more is delivered or sent, and what is unsent stays in the store. */
  close(): Promise<void> {
    return (this.#closed ??= this.#end(undefined));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #open(): Promise<void> {
    try {
      await this.#keeper.open(this.#outbox);
      this.#isOpen = true;
      if (this.#closed === undefined) this.#connection.start();
    } catch (error) {
      this.#fail(error as LineError);
      throw error;
    }
  }

  #fail(error: LineError): void {
    this.#closed ??= this.#end(error);
  }

  /** @param why undefined when this side closes it */
  async #end(why: LineError | undefined): Promise<void> {
    const reason = why ?? new LineError("closed", "the line was closed");
    this.#inbox.close(why);
    this.#connection.close(why);
    this.#outbox.close(reason);
    this.#requests.close(reason);
    this.#finish?.reject(reason);
    await Promise.allSettled([this.#opened]);
    await this.#keeper.close();
  }

  #connectionOwner(): ConnectionOwner {
    return {
      login: () => this.#login(),
      welcomed: (welcome) => this.#welcomed(welcome),
      frame: (frame) => this.#frame(frame),
      offline: () => this.#outbox.offline(),
      changed: (state) => this.#listeners.tell("state", state),
      finished: () => {
        // What was passed over comes first, with another connection.
        if (this.#hasMoreToTake) return;
        this.#inbox.finish();
        this.#connection.close();
        this.#finish?.resolve();
      },
      failed: (reason) => this.#refused(reason),
    };
  }

  #refused(reason: LineError): void {
    const why = this.#credentials.refused(reason);
    if (why === undefined) this.#connection.renew(reason.message);
    else this.#fail(why);
  }

  #login(): ReturnType<ConnectionOwner["login"]> {
    const { received, resume } = this.#keeper.login;
    return {
      login: this.#name,
      ...this.#credentials.proof,
      outbox: this.#outbox.id,
      version: 1,
      ...(received === undefined ? {} : { received }),
      ...(resume === undefined ? {} : { resume }),
    };
  }

  #welcomed(welcome: WelcomeFrame): void {
    const { name, log, head, position, sent, refused, resume, now, token, lost } = welcome;
    this.#name = name;
    this.#head = head;
    this.#clockAhead = now - Date.now();
    // A store that fails tells whoever sends something.
    this.#keeper.change({ resume }).catch(() => {});
    this.#credentials.welcomed(token);
    this.#inbox.welcomed(log, position);
    if (lost !== undefined) this.#lost(lost);
    this.#requests.welcomed();
    this.#outbox.welcomed(sent, refused);
    for (const [conversation, seq] of this.#marks) this.markRead(conversation, seq);
    this.#marks.clear();
    this.#finishIfDone();
  }

  /** Told once: the server is told at the next login what was. */
  #lost(lost: LineEvents["lost"]): void {
    this.#listeners.tell("lost", lost);
    this.#inbox.lost(lost.to);
  }

  /** Whoever takes what comes gets what was passed over, too. */
  get #hasMoreToTake(): boolean {
    return this.#isTaken && this.#inbox.hasPassedOver;
  }

  #finishIfDone(): void {
    const isDone = this.#outbox.count === 0 && !this.#hasMoreToTake;
    if (this.#finish !== undefined && isDone) this.#connection.finish();
  }

  #frame(frame: ServerFrame): void {
    const { message, event, accepted, refused } = frame;
    if (message !== undefined) this.#inbox.add(this.told(message));
    else if (event !== undefined) {
      this.#inbox.add({ ...event, isReplayed: event.seq <= this.#head });
    } else if (accepted !== undefined) {
      const { send, seqs } = accepted;
      this.#outbox.accepted(send, { seqs, at: Date.now() + this.#clockAhead });
    } else if (refused !== undefined) this.#outbox.refused(refused.send, refused);
    else if (frame.lost !== undefined) this.#lost(frame.lost);
    else if (frame.ping !== undefined) this.#connection.send({ pong: frame.ping });
    else if (!this.#requests.answered(frame)) this.#notice(frame);
  }

  protected told(frame: NonNullable<ServerFrame["message"]>): Message {
    return {
      ...frame,
      kind: "message",
      isReplayed: frame.seq <= this.#head,
      isOwn: frame.from === this.#name,
    };
  }

  #notice(frame: ServerFrame): void {
    const name = NOTICES.find((one) => frame[one] !== undefined);
    if (name !== undefined) this.#listeners.tell(name, frame[name] as never);
  }

  protected async ask<A extends keyof Answers>(
    answer: A,
    frame: object,
    signal?: AbortSignal,
  ): Promise<Answers[A]> {
    this.#refuseWhenFinishing();
    // Once it is open it has its place among the sends when this returns.
    if (!this.#isOpen) await this.#opened;
    this.#refuseWhenClosed();
    const answered = this.#requests.ask(answer, frame, this.#outbox.last, signal);
    if (this.state.kind === "online") this.#requests.transmit(this.#outbox.next);
    return answered;
  }

  protected async askPassword(password: string, frame: object): Promise<void> {
    // A login that succeeds with it is an answer, too, if the other one is lost with a connection.
    const known = new AbortController();
    const inForce = Promise.withResolvers<undefined>();
    const asked = this.#credentials.asks(password, () => {
      known.abort();
      inForce.resolve(undefined);
    });
    try {
      const answer = await Promise.race([this.ask("ok", frame, known.signal), inForce.promise]);
      if (answer !== undefined) asked.done(answer.token);
    } catch (error) {
      asked.failed();
      throw error;
    }
  }

  protected forgetSession(): void {
    this.#credentials.keep(undefined);
  }

  #refuseWhenFinishing(): void {
    if (this.#finish !== undefined) throw new LineError("closed", "the line is finishing");
  }

  #refuseWhenClosed(): void {
    if (this.#closed === undefined) return;
    const { state } = this.#connection;
    const error = state.kind === "closed" ? state.error : undefined;
    throw error ?? new LineError("closed", "the line was closed");
  }
}
