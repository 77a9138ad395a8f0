// The reader of a connection, whatever that speaks: it reads once somebody has logged in, stands still while
// something must be waited for, and when it ends, the peer finishes. How bytes become commands is for its owner to know.

import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import { MAX_UNSENT, type Peer } from "../broker/peer.ts";
import type { Report } from "../log/report.ts";
import { ChatError, type ErrorCode } from "../protocol/errors.ts";
import type { ListenFigures } from "./listen-figures.ts";
import type { PeerView } from "./places.ts";
import { Rate } from "./rate.ts";

/** What a reader waits for: it reads on when all of it is over. */
const Wait = {
  login: 1,
  /** Answers come in order. */
  answer: 2,
  /** The batch that it feeds is full. */
  batch: 4,
  /** The client must first read what it asked for. */
  client: 8,
  /** The client has sent as much as it may for the moment. */
  rate: 16,
} as const;

/** Refusals after which nothing can go on. */
const ENDS: ReadonlySet<ErrorCode> = new Set(["bad-send-number", "internal"]);

export interface ReaderOptions {
  /** Messages a second from one peer; 0 for any number. Over it the reader waits. */
  readonly maxRate: number;
}

export interface ReaderContext {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly options: ReaderOptions;
  readonly figures: ListenFigures;
  readonly report: Report;
}

/** What a request is known by to its client, where the protocol has such a thing. */
type Label = string | number | undefined;

/** What a reader needs of its connection. No method may throw. */
export interface ReaderOwner {
  /** Bytes that are not with the operating system yet. */
  readonly unsent: number;
  /** When something last came from the client, in ms since 1970. */
  readonly lastByteAt: number;
  /** What is told to a client that does not log in in time. */
  readonly loginHint: string;
  /**
   * Nothing is read until `readOn`.
   * @param isSoon but for one chunk: until it comes, it is noticed when the connection is reset
   */
  pause(isSoon: boolean): void;
  readOn(): void;
  write(text: string): void;
  formatError(error: ChatError, id: Label): string;
  /** Writes what is left, then closes. */
  end(): void;
  cut(): void;
}

export class Reader {
  readonly #owner: ReaderOwner;
  readonly #context: ReaderContext;
  #peer: Peer | undefined;
  #rate: Rate | undefined;
  #timer: { cancel(): void };
  #waits = 0;
  #hasEnded = false;
  #isClosed = false;

  /** @param loginBy when a login must have come, in ms since 1970: `login-timeout` */
  constructor(owner: ReaderOwner, loginBy: number, context: ReaderContext) {
    const { clock } = context;
    this.#owner = owner;
    this.#context = context;
    this.#timer = clock.after(Math.max(0, loginBy - clock.now()), () => {
      this.#refuseAndFinish(new ChatError("login-timeout", owner.loginHint));
    });
  }

  /** Once somebody has logged in. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** See `OpenConnection`. */
  get view(): PeerView {
    const peer = this.#peer;
    if (peer === undefined) return { state: "greeting", behind: 0 };
    const behind = this.#context.broker.head - peer.position;
    if (peer.isLeaving || this.#hasEnded) return { state: "leaving", behind };
    return { state: behind > 0 ? "behind" : "live", behind };
  }

  /** Whether what comes now still counts, even if it has to wait. */
  get isOpen(): boolean {
    return !this.#hasEnded && !this.#isClosed;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether a command may be carried out now. */
  get mayRead(): boolean {
    return this.#waits === 0 && this.isOpen;
  }

  /** Whether each message is counted. */
  get isRated(): boolean {
    return this.#rate !== undefined;
  }

  /** Messages that may be sent now: at least one whenever it may read. */
  get allowance(): number {
    return this.#rate?.allowance(this.#context.clock.now()) ?? Infinity;
  }

  /** The client has sent messages: over its rate it is read more slowly. */
  sent(messages: number): void {
    if (this.#rate === undefined) return;
    this.#rate.spend(messages);
    this.#keepRate(this.#rate);
  }

  /** It stands still until somebody is logged in; where he may not, the connection ends. */
  login<L extends { readonly peer: Peer }>(login: Promise<L>, welcome: (login: L) => void): void {
    this.#timer.cancel();
    this.#wait(Wait.login);
    login.then(
      (admitted) => this.#loggedIn(admitted, welcome),
      (error: unknown) => this.#refuseAndFinish(this.#expected("login", error)),
    );
  }

  /**
   * It stands still until this is answered, with text or a refusal.
   * @param stage where a mistake of ours was made, for those who look for it
   */
  answer(stage: string, answer: Promise<string>, id?: Label): void {
    this.#wait(Wait.answer);
    void answer
      .then(
        (text) => this.tell(text),
        (error: unknown) => this.refuse(stage, error, id),
      )
      .then(() => this.#over(Wait.answer));
  }

  /** Writes what the client asked for; it stands still while the client has too much to read. */
  tell(text: string): void {
    this.#owner.write(text);
    if (this.#owner.unsent > MAX_UNSENT) this.#wait(Wait.client);
  }

  /** The operating system has taken all of a write. */
  written(): void {
    if (this.#owner.unsent > MAX_UNSENT) return;
    this.#peer?.writable();
    this.#over(Wait.client);
  }

  /** Tells why something is refused. Before the login, and for what nothing can follow, that is the end. */
  refuse(stage: string, error: unknown, id?: Label): void {
    const expected = this.#expected(stage, error);
    if (this.#peer === undefined || ENDS.has(expected.code)) this.#refuseAndFinish(expected, id);
    else this.#refuse(expected, id);
  }

  /** See `Connection`. */
  hold(): void {
    this.#wait(Wait.batch);
  }

  /** See `Connection`. */
  release(): void {
    this.#over(Wait.batch);
  }

  /** Nothing more is read. */
  endReader(): void {
    this.#hasEnded = true;
  }

  /** Nothing more is read: everything before it is done, what waits is delivered, and the connection closes. */
  finish(): void {
    this.#hasEnded = true;
    if (this.#peer !== undefined) this.#peer.finish();
    else if (!this.#isClosed) this.#owner.end();
  }

  /** See `OpenConnection`. */
  endIfIdleSince(time: number): void {
    if (this.#peer === undefined || this.#peer.isLeaving || !this.mayRead) return;
    if (this.#owner.lastByteAt >= time) return;
    this.#refuseAndFinish(new ChatError("idle-timeout", "nothing came from you for too long"));
  }

  /** See `OpenConnection`: a login that is under way is refused by the broker. */
  stop(): void {
    if (this.#peer === undefined && (this.#waits & Wait.login) === 0) this.#owner.cut();
  }

  closed(): void {
    this.#isClosed = true;
    this.#timer.cancel();
    this.#peer?.gone();
  }

  #loggedIn<L extends { readonly peer: Peer }>(login: L, welcome: (login: L) => void): void {
    this.#peer = login.peer;
    if (this.#isClosed) return login.peer.gone();
    const { clock, options } = this.#context;
    if (options.maxRate > 0) this.#rate = new Rate(options.maxRate, clock.now());
    welcome(login);
    this.#over(Wait.login);
  }

  #wait(what: number): void {
    this.#waits |= what;
    // Whoever is gone need not be logged in; everybody else is held for a moment only.
    if (this.isOpen) this.#owner.pause(what === Wait.login);
  }

  #over(what: number): void {
    if ((this.#waits & what) === 0) return;
    this.#waits &= ~what;
    if (this.mayRead) this.#owner.readOn();
  }

  #keepRate(rate: Rate): void {
    const { clock } = this.#context;
    if (rate.allowance(clock.now()) >= 1) return this.#over(Wait.rate);
    this.#wait(Wait.rate);
    this.#timer = clock.after(rate.wait, () => this.#keepRate(rate));
  }

  #refuse(error: ChatError, id: Label): void {
    this.#context.figures.refuse(error.code, 1);
    this.tell(this.#owner.formatError(error, id));
  }

  #refuseAndFinish(error: ChatError, id?: Label): void {
    this.#refuse(error, id);
    this.finish();
  }

  /** What a client caused is told to it; what it did not is logged, and ends the connection. */
  #expected(stage: string, error: unknown): ChatError {
    if (error instanceof ChatError) return error;
    this.#context.report(stage, error as Error);
    return new ChatError("internal", "the server made a mistake, which it has logged");
  }
}
