// The connection of a line: logs in, notices when it is dead, and comes back, with longer and longer
// waits, or at once when the network is back.

import type { LoginFrame } from "../protocol/json/frames.ts";
import type { ServerFrame, ToldError, WelcomeFrame } from "../protocol/json/server-frames.ts";
import { Backoff } from "./backoff.ts";
import { LineError } from "./errors.ts";
import { CLOSED, openTransport, parseUrl, type Transport } from "./transport.ts";

/** What a line is at. Times are in ms since 1970. */
export type LineState =
  /** It connects, or logs in. `since`: when the last connection ended, and `why`; if there was one. */
  | { readonly kind: "connecting"; readonly since?: number; readonly why?: string }
  | { readonly kind: "online"; readonly since: number }
  /** The next attempt is at `at`. */
  | {
      readonly kind: "reconnecting";
      readonly since: number;
      readonly at: number;
      readonly why: string;
    }
  /** The browser says that there is no network. */
  | { readonly kind: "offline"; readonly since: number }
  /** It is over: it was closed, or the server lets nobody in with this. */
  | { readonly kind: "closed"; readonly error?: LineError };

/** After so long without a frame the server is asked whether it is there, in ms. */
const QUIET = 15_000;
/** And after so long without an answer it is not, in ms. */
const DEAD = 15_000;

/** A connection that lasted so long was good: the next attempt is made soon. In ms. */
const STEADY = 1000;

/** What may be over with the next attempt; with every other code there is no use in one. */
const PASSING: ReadonlySet<string> = new Set([
  "name-taken",
  "shutting-down",
  "too-many-connections",
  "log-unavailable",
  "login-timeout",
  "idle-timeout",
  "too-many-attempts",
  "busy",
  "internal",
]);

/** A browser's page hears when the network comes and goes; Node does not. */
const PAGE: {
  addEventListener?(event: "online" | "offline", listener: () => void): void;
  removeEventListener?(event: "online" | "offline", listener: () => void): void;
} = globalThis as object;

export interface ConnectionOwner {
  login(): Omit<LoginFrame, "kind">;
  welcomed(welcome: WelcomeFrame): void;
  frame(frame: ServerFrame): void;
  /** There is no connection; another may follow. */
  offline(): void;
  changed(state: LineState): void;
  /** The server has done everything that was asked before `finish`, delivered what waited, and hangs up. */
  finished(): void;
  /** There is no use in going on. */
  failed(error: LineError): void;
}

export class Connection {
  readonly #url: URL;
  readonly #owner: ConnectionOwner;
  readonly #backoff = new Backoff();
  #transport: Transport | undefined;
  #state: LineState = { kind: "connecting" };
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Counts attempts, so that what is left of an older one is known as such. */
  #attempt = 0;
  #lastFrameAt = 0;
  /** Since when there is no connection, in ms since 1970. */
  #since = Date.now();
  #wasOnline = false;
  /** Whether this connection was asked to finish, and whether the server has said that it is done. */
  #isFinishing = false;
  #isFinished = false;

  /** @throws LineError `bad-url` */
  constructor(url: string, owner: ConnectionOwner) {
    this.#url = parseUrl(url);
    this.#owner = owner;
  }

  get state(): LineState {
    return this.#state;
  }

  /** Whether the server acts on what is sent now. */
  get isHeard(): boolean {
    return this.#state.kind === "online" && !this.#isFinishing;
  }

  start(): void {
    PAGE.addEventListener?.("online", this.#networkIsBack);
    PAGE.addEventListener?.("offline", this.#networkIsGone);
    this.#connect();
  }

  send(frame: object): void {
    if (this.#state.kind === "online") this.#transport?.send(JSON.stringify(frame));
  }

  /** Asks for the end of this connection once everything is done and delivered. */
  finish(): void {
    if (this.#state.kind !== "online" || this.#isFinishing) return;
    this.send({ bye: true });
    this.#isFinishing = true;
  }

  /** Tries at once, instead of when the wait is over. */
  retry(): void {
    const { kind } = this.#state;
    if (kind !== "reconnecting" && kind !== "offline") return;
    this.#backoff.reset();
    this.#connect();
  }

  /** Ends this connection and begins another: what was decided since is not known to it. */
  renew(why: string): void {
    this.#lost(why);
  }

  /** The same at once, where nothing is wrong with it. */
  again(): void {
    if (this.#state.kind !== "online") return;
    this.#ended();
    this.#drop();
    this.#owner.offline();
    this.#connect();
  }

  close(error?: LineError): void {
    if (this.#state.kind === "closed") return;
    PAGE.removeEventListener?.("online", this.#networkIsBack);
    PAGE.removeEventListener?.("offline", this.#networkIsGone);
    this.#drop();
    this.#set(error === undefined ? { kind: "closed" } : { kind: "closed", error });
  }

  readonly #networkIsBack = (): void => this.retry();

  readonly #networkIsGone = (): void => {
    const { kind } = this.#state;
    if (kind === "closed" || kind === "offline") return;
    this.#drop();
    this.#ended();
    this.#owner.offline();
    this.#set({ kind: "offline", since: this.#since });
  };

  #connect(): void {
    this.#drop();
    const attempt = (this.#attempt += 1);
    const why = this.#state.kind === "reconnecting" ? { why: this.#state.why } : {};
    this.#set({ kind: "connecting", ...(this.#wasOnline && { since: this.#since }), ...why });
    this.#timer = setTimeout(() => this.#lost("no answer came in time"), DEAD);
    const isCurrent = (): boolean => attempt === this.#attempt;
    openTransport(this.#url, {
      opened: () => {
        if (!isCurrent()) return;
        this.#transport?.send(JSON.stringify(this.#owner.login()));
      },
      frame: (text) => {
        if (isCurrent()) this.#frame(text);
      },
      ended: (reason) => {
        if (isCurrent()) this.#lost(reason);
      },
    }).then(
      (transport) => {
        if (isCurrent()) this.#transport = transport;
        else transport.close();
      },
      (error: LineError) => {
        if (isCurrent()) this.#owner.failed(error);
      },
    );
  }

  #frame(text: string): void {
    this.#lastFrameAt = Date.now();
    const frame = parseFrame(text);
    if (frame === undefined) return;
    if (this.#isFinishing && frame.bye === true) return this.#finished();
    if (this.#state.kind === "online") return this.#owner.frame(frame);
    if (frame.welcome !== undefined) this.#welcomed(frame.welcome);
    else if (frame.error !== undefined) this.#refused(frame.error);
  }

  #welcomed(welcome: WelcomeFrame): void {
    clearTimeout(this.#timer);
    this.#wasOnline = true;
    this.#state = { kind: "online", since: Date.now() };
    this.#watch();
    this.#owner.welcomed(welcome);
    // Told when the name is known as the server shows it.
    if (this.#state.kind === "online") this.#owner.changed(this.#state);
  }

  #refused({ code, text }: ToldError): void {
    // The first time somebody else has the name; later it is most likely an older connection of ours.
    const isPassing = PASSING.has(code) && (this.#wasOnline || code !== "name-taken");
    if (isPassing) this.#lost(text);
    else this.#owner.failed(new LineError(code, text));
  }

  /** Asks after a while in which nothing came, and gives up when no answer comes either. */
  #watch(): void {
    this.#timer = setTimeout(() => {
      const quiet = Date.now() - this.#lastFrameAt;
      if (quiet >= QUIET + DEAD) return this.#lost("the server does not answer");
      if (quiet >= QUIET) this.send({ ping: "?" });
      this.#watch();
    }, QUIET);
  }

  /** Only the server can tell: whatever closes a connection between, its end looks the same. */
  #finished(): void {
    this.#isFinished = true;
    this.#owner.finished();
  }

  #lost(why: string): void {
    if (this.#state.kind === "closed" || (this.#isFinished && why === CLOSED)) return;
    this.#drop();
    this.#ended();
    this.#owner.offline();
    const wait = this.#backoff.next();
    this.#set({ kind: "reconnecting", since: this.#since, at: Date.now() + wait, why });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  /** What there was of a connection is over. */
  #ended(): void {
    if (this.#state.kind !== "online") return;
    // One that is welcomed and put out at once is not to come back at once for ever.
    if (Date.now() - this.#state.since >= STEADY) this.#backoff.reset();
    this.#since = Date.now();
  }

  #drop(): void {
    this.#attempt += 1;
    this.#isFinishing = false;
    this.#isFinished = false;
    clearTimeout(this.#timer);
    this.#transport?.close();
    this.#transport = undefined;
  }

  #set(state: LineState): void {
    this.#state = state;
    this.#owner.changed(state);
  }
}

/** What is not understood is of a newer server, or not for us. */
function parseFrame(text: string): ServerFrame | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === "object" && frame !== null ? frame : undefined;
  } catch {
    return undefined;
  }
}
