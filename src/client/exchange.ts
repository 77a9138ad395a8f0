// The exchange behind a line: puts its parts together. What is sent and asked goes out, what comes goes where
// it belongs, across any number of connections.

import type { ErrorCode } from "../protocol/errors.ts";
import {
  type Answers,
  NOTICES,
  type ServerFrame,
  type WelcomeFrame,
} from "../protocol/json/server-frames.ts";
import { Connection, type ConnectionOwner, type LineState } from "./connection.ts";
import { Credentials } from "./credentials.ts";
import { LineError } from "./errors.ts";
import { Inbox, type Message } from "./inbox.ts";
import { Keeper } from "./keeper.ts";
import type { LineEvents, LineOptions } from "./line-options.ts";
import type { Listeners } from "./listeners.ts";
import { Outbox, type Sent } from "./outbox.ts";
import { Requests } from "./requests.ts";
import { memoryStore } from "./store.ts";

/** What waits for the store. */
interface Early {
  readonly begin: () => void;
  readonly reject: (error: LineError) => void;
}

export class Exchange {
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  /** Resolves when what was kept of former runs is there. */
  readonly opened: Promise<void>;
  readonly #keeper: Keeper;
  readonly #credentials: Credentials;
  readonly #connection: Connection;
  readonly #requests: Requests;
  readonly #listeners: Listeners;
  /** Ends it. */
  readonly #signal: AbortSignal | undefined;
  /** Read markers that were set while there was no connection. */
  readonly #marks = new Map<string, number>();
  /** Whether presence was asked for. */
  #isWatching = false;
  #name: string;
  #head = 0;
  /** How far the server's clock is ahead of ours, in ms. */
  #clockAhead = 0;
  #closed: Promise<void> | undefined;
  #isOpen = false;
  /** What was sent and asked before it was open, in order. */
  #early: Early[] = [];
  /** Set while it is asked to finish. */
  #finish: PromiseWithResolvers<void> | undefined;

  /** @throws LineError `bad-url` */
  constructor(url: string, options: LineOptions, listeners: Listeners) {
    this.#name = options.name;
    this.#signal = options.signal;
    this.#listeners = listeners;
    this.#keeper = new Keeper(options.store ?? memoryStore());
    this.#credentials = new Credentials(this.#keeper, options);
    this.#connection = new Connection(url, this.#connectionOwner());
    this.outbox = new Outbox(
      this.#keeper,
      {
        transmit: (number, { id, to, body }) => {
          this.#requests.transmit(id);
          this.#connection.send({ send: number, to, body });
        },
        transmitted: () => this.#requests.transmit(this.outbox.next),
        done: (number) => this.#connection.send({ done: number }),
        expired: () => this.#connection.renew("the outbox was forgotten"),
        changed: (settled) => {
          this.#listeners.tell("outbox", settled);
          this.#finishIfDone();
        },
      },
      options.keepRefused === true,
    );
    this.inbox = new Inbox(this.#keeper, {
      confirmed: (ack) => {
        this.#connection.send({ ack });
        return this.#connection.isHeard;
      },
      drained: () => this.#connection.again(),
      untold: () => {
        if (this.state.kind === "closed") this.#connection.start();
      },
    });
    this.#requests = new Requests((frame) => this.#connection.send(frame));
    this.opened = this.#open();
    this.opened.catch(() => {});
    if (options.signal?.aborted === true) this.#abort();
    else options.signal?.addEventListener("abort", this.#abort);
  }

  /** As the server shows it; as it was given before the first login. */
  get name(): string {
    return this.#name;
  }

  get state(): LineState {
    return this.#connection.state;
  }

  /** Has its place among what is asked and sent when this returns, once it is open. See `Outbox.send`. */
  async send(to: string | readonly string[], body: string, signal?: AbortSignal): Promise<Sent> {
    this.#refuseWhenFinishing();
    // A copy: whoever gave it may go on with it.
    const recipients = [to].flat();
    // What the types forbid would stand in the outbox for ever, and nothing could go after it.
    if ([...recipients, body].some((text) => typeof text !== "string")) {
      throw new LineError("bad-frame", "a message and whom it is for are texts");
    }
    return this.#onceOpen(() => this.outbox.send(recipients, body, signal), signal);
  }

  /** The same with a question. See `Requests.ask`. @throws LineError why there is no answer */
  async ask<A extends keyof Answers>(
    answer: A,
    frame: object,
    signal?: AbortSignal,
    done?: ErrorCode,
  ): Promise<Answers[A]> {
    this.#refuseWhenFinishing();
    return this.#onceOpen(() => {
      const answered = this.#requests.ask(answer, frame, this.outbox.last, signal, done);
      if (this.state.kind === "online") this.#requests.transmit(this.outbox.next);
      return answered;
    }, signal);
  }

  /** Asks for a password, and comes back with it from then on. @throws LineError */
  async askPassword(password: string, frame: object): Promise<void> {
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

  /** Comes back with a password from now on. */
  forgetSession(): void {
    this.#credentials.keep(undefined);
  }

  /** Asks for presence again on each connection that follows: a server forgets it with the connection. */
  keepWatching(): void {
    this.#isWatching = true;
  }

  /** Told once there is a connection, if not forgotten by then. */
  markRead(conversation: string, seq: number): void {
    if (this.state.kind === "online") this.#connection.send({ read: conversation, seq });
    else this.#marks.set(conversation, Math.max(seq, this.#marks.get(conversation) ?? 0));
  }

  /** Nobody who was not there wants to know later. */
  typing(conversation: string): void {
    this.#connection.send({ typing: conversation });
  }

  /** Tries to connect at once, if it waits. */
  retry(): void {
    this.#connection.retry();
  }

  /** A message as a line gives it. */
  told(frame: NonNullable<ServerFrame["message"]>): Message {
    return {
      ...frame,
      kind: "message",
      isReplayed: frame.seq <= this.#head,
      isOwn: frame.from === this.#name,
    };
  }

  /** See `Line.finish`. */
  async finish(): Promise<void> {
    this.#refuseWhenClosed();
    this.#finish ??= Promise.withResolvers();
    this.#finishIfDone();
    await this.#finish.promise;
  }

  /** Whoever takes what comes has ended: what he would have been given is not waited for. */
  left(): void {
    const hadMore = this.inbox.hasMoreToTake;
    this.inbox.leave();
    if (hadMore && this.#finish !== undefined) this.#connection.again();
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#end(undefined));
  }

  readonly #abort = (): void => void this.close();

  async #open(): Promise<void> {
    try {
      await this.#keeper.open(this.outbox);
      // In this turn: whatever comes after it takes its place after them.
      for (const { begin } of this.#early.splice(0)) begin();
      this.#isOpen = true;
      if (this.#closed === undefined) this.#connection.start();
    } catch (error) {
      this.#fail(error as LineError);
      throw error;
    }
  }

  /** Begins at once when it is open, and otherwise in the order in which this was called. */
  #onceOpen<T>(begin: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    this.#refuseWhenClosed();
    if (this.#isOpen) return begin();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const early: Early = { begin: () => resolve(begin()), reject };
    const giveUp = (): void => {
      this.#early = this.#early.filter((one) => one !== early);
      reject(new LineError("aborted", "it was given up before"));
    };
    if (signal?.aborted === true) giveUp();
    else this.#early.push(early);
    signal?.addEventListener("abort", giveUp, { once: true });
    return promise.finally(() => signal?.removeEventListener("abort", giveUp));
  }

  #fail(error: LineError): void {
    this.#closed ??= this.#end(error);
  }

  /** @param why undefined when this side closes it */
  async #end(why: LineError | undefined): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#abort);
    const reason = why ?? new LineError("closed", "the line was closed");
    this.inbox.close(why);
    this.#connection.close(why);
    for (const { reject } of this.#early.splice(0)) reject(reason);
    this.outbox.close(reason);
    this.#requests.close(reason);
    this.#finish?.reject(reason);
    await Promise.allSettled([this.opened]);
    await this.#keeper.close();
  }

  #connectionOwner(): ConnectionOwner {
    return {
      login: () => this.#login(),
      welcomed: (welcome) => this.#welcomed(welcome),
      frame: (frame) => this.#frame(frame),
      offline: () => this.outbox.offline(),
      changed: (state) => this.#listeners.tell("state", state),
      finished: () => {
        // What was passed over comes first, with another connection.
        if (this.inbox.hasMoreToTake) return;
        this.inbox.finish();
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
      outbox: this.outbox.id,
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
    // The login has said what is confirmed: that was all that it was for.
    if (this.inbox.isComplete) {
      this.#connection.close();
      return this.inbox.told();
    }
    this.inbox.welcomed(log, position);
    if (lost !== undefined) this.#lost(lost);
    this.#requests.welcomed();
    this.outbox.welcomed(sent, refused);
    // Where there is another login to come they are kept for that.
    const marks = [...this.#marks];
    this.#marks.clear();
    for (const [conversation, seq] of marks) this.markRead(conversation, seq);
    if (this.#isWatching) this.#connection.send({ presence: true });
    this.#finishIfDone();
  }

  /** Told once: the server is told at the next login what was. */
  #lost(lost: LineEvents["lost"]): void {
    this.#listeners.tell("lost", lost);
    this.inbox.lost(lost.to);
  }

  #finishIfDone(): void {
    const isDone = this.outbox.count === 0 && !this.inbox.hasMoreToTake;
    if (this.#finish !== undefined && isDone) this.#connection.finish();
  }

  #frame(frame: ServerFrame): void {
    const { message, event, accepted, refused } = frame;
    if (message !== undefined) this.inbox.add(this.told(message));
    else if (event !== undefined) {
      this.inbox.add({ ...event, isReplayed: event.seq <= this.#head });
    } else if (accepted !== undefined) {
      const { send, seqs } = accepted;
      this.outbox.accepted(send, { seqs, at: Date.now() + this.#clockAhead });
    } else if (refused !== undefined) this.outbox.refused(refused.send, refused);
    else if (frame.lost !== undefined) this.#lost(frame.lost);
    else if (frame.ping !== undefined) this.#connection.send({ pong: frame.ping });
    else if (!this.#requests.answered(frame)) this.#notice(frame);
  }

  #notice(frame: ServerFrame): void {
    const name = NOTICES.find((one) => frame[one] !== undefined);
    if (name !== undefined) this.#listeners.tell(name, frame[name] as never);
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
