// A line: one name's connection to a server, across any number of real ones. What everybody uses; what it does is
// in `exchange.ts`.

import type { ErrorCode } from "../protocol/errors.ts";
import type { Answers, ServerFrame } from "../protocol/json/server-frames.ts";
import type { LineState } from "./connection.ts";
import { Exchange } from "./exchange.ts";
import type { Delivery, Message } from "./inbox.ts";
import type { LineEvents, LineOptions } from "./line-options.ts";
import { type Listener, Listeners } from "./listeners.ts";
import type { Sent, Unsent } from "./outbox.ts";
import { Questions } from "./questions.ts";
import type { RefusedSend } from "./store.ts";

/**
 * A name's line to a server. It connects, comes back by itself, sends each message once, and gives each
 * message once. Made with `connect`.
 */
export class Line extends Questions implements AsyncDisposable {
  readonly #exchange: Exchange;
  readonly #listeners = new Listeners();
  #isTaken = false;

  constructor(url: string, options: LineOptions) {
    super();
    this.#exchange = new Exchange(url, options, this.#listeners);
  }

  /** The name as the server shows it; as it was given before the first login. */
  get name(): string {
    return this.#exchange.name;
  }

  /** What the connection is at. */
  get state(): LineState {
    return this.#exchange.state;
  }

  /** What is written and not known to be on the server, the oldest first. */
  get unsent(): readonly Unsent[] {
    return this.#exchange.outbox.unsent;
  }

  /** How many they are. */
  get unsentCount(): number {
    return this.#exchange.outbox.count;
  }

  /** What the server has refused and nobody has dismissed, the oldest first: with `keepRefused`. */
  get refused(): readonly RefusedSend[] {
    return this.#exchange.outbox.refusals;
  }

  /** Resolves when what was kept of former runs is there. @throws LineError `store` */
  get opened(): Promise<void> {
    return this.#exchange.opened;
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
  send(
    to: string | readonly string[],
    body: string,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Sent> {
    return this.#exchange.send(to, body, options.signal);
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
    return this.#exchange.outbox.withdraw(id);
  }

  /**
   * Lets go of a refused message.
   * @param id of `refused`
   * @throws LineError `store`
   */
  dismiss(id: number): Promise<void> {
    return this.#exchange.outbox.dismiss(id);
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
    try {
      for (;;) {
        const delivery = await this.#exchange.inbox.take();
        if (delivery === undefined) return;
        yield delivery;
        if (options.confirm === false) continue;
        const confirmed = this.#exchange.inbox.confirm(delivery.seq);
        // With more at hand they are written together: a failure shows with the last one.
        if (this.#exchange.inbox.isEmpty) await confirmed;
        else confirmed.catch(() => {});
      }
    } finally {
      this.#exchange.left();
    }
  }

  /** Everything up to a seq is done with. Resolves when that would outlive a crash. */
  confirm(seq: number): Promise<void> {
    return this.#exchange.inbox.confirm(seq);
  }

  /** Whether this client itself has sent a message, notes to oneself excepted. */
  isMine({ outbox, to, from }: Message): boolean {
    return outbox === this.#exchange.outbox.id && to !== from;
  }

  /** This conversation is read up to a seq, on all devices. Told once there is a connection, if not forgotten by then. */
  markRead(conversation: string, seq: number): void {
    this.#exchange.markRead(conversation, seq);
  }

  /** Tells the others that one is writing. */
  typing(conversation: string): void {
    this.#exchange.typing(conversation);
  }

  /** Tries to connect at once, if it waits. */
  retry(): void {
    this.#exchange.retry();
  }

  /**
   * Waits until everything written is on the server or refused, and everything that was waiting here has come.
   * Then nothing more comes: `messages` and `deliveries` end after it, once the server knows what was taken. Nothing can
   * be sent or asked any more: close the line after that.
   * @throws LineError why the line ended before
   * @example
   * ```ts
   * await line.send("bob", "hi");
   * await line.finish();
   * ```
   */
  finish(): Promise<void> {
    return this.#exchange.finish();
  }

  /** Ends it: nothing more is delivered or sent, and what is unsent stays in the store. */
  close(): Promise<void> {
    return this.#exchange.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected ask<A extends keyof Answers>(
    answer: A,
    frame: object,
    signal?: AbortSignal,
    done?: ErrorCode,
  ): Promise<Answers[A]> {
    return this.#exchange.ask(answer, frame, signal, done);
  }

  protected askPassword(password: string, frame: object): Promise<void> {
    return this.#exchange.askPassword(password, frame);
  }

  protected forgetSession(): void {
    this.#exchange.forgetSession();
  }

  protected keepWatching(): void {
    this.#exchange.keepWatching();
  }

  protected told(frame: NonNullable<ServerFrame["message"]>): Message {
    return this.#exchange.told(frame);
  }
}
