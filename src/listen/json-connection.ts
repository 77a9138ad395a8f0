// A connection that speaks JSON, over whatever carries its frames: its reader gives commands to the
// peer, the peer gives messages and outcomes to its writer, and the end of either ends the other.

import { randomBytes } from "node:crypto";
import type { Accounts } from "../accounts/accounts.ts";
import type { Origin } from "../accounts/admission.ts";
import type { Broker, Login } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Connection } from "../broker/connection.ts";
import type { Notice } from "../broker/notice.ts";
import { MAX_UNSENT, type Peer } from "../broker/peer.ts";
import type { CommittedSend } from "../log/commit.ts";
import type { Run } from "../log/run.ts";
import type { Report } from "../log/report.ts";
import type { RoomEvent } from "../log/rooms.ts";
import { ChatError, type ErrorCode } from "../protocol/errors.ts";
import {
  formatAccepted,
  formatError,
  formatEvent,
  formatMessages,
  formatNotice,
  formatPing,
  formatPong,
  formatRefused,
  formatWelcome,
} from "../protocol/json/format.ts";
import type { ClientFrame, LoginFrame } from "../protocol/json/frames.ts";
import { FrameParser, idOf, numberOfSend } from "../protocol/json/parse.ts";
import type { UnreadableCode } from "../protocol/line/unreadable.ts";
import { parseName } from "../protocol/name.ts";
import { parseRecipient } from "../protocol/room.ts";
import { type FrameOwner, type FrameTransport, LINGER } from "./frames.ts";
import { type Client, originOf } from "./clients.ts";
import { answerFrame, type JsonRequest } from "./json-answers.ts";
import { JsonSends, TOGETHER } from "./json-sends.ts";
import type { ListenFigures } from "./listen-figures.ts";
import type { OpenConnection, PeerView } from "./places.ts";
import type { Pinged, Pings } from "./pings.ts";
import { Rate } from "./rate.ts";
import { SharedText } from "./shared-text.ts";

/** The protocol's version. Fields may be added within one; frames that are not known are refused. */
export const JSON_VERSION = 1;

/** Refusals of frames after which nothing can go on. */
const ENDS: ReadonlySet<ErrorCode> = new Set(["bad-send-number", "internal"]);

/** A room's members are given the same. */
const MESSAGES = new SharedText<Run>(formatMessages);

export interface JsonOptions {
  /** Recipients of one message: `too-many-recipients`. */
  readonly maxRecipients: number;
  /** Messages a second from one peer; 0 for any number. Over it the reader waits. */
  readonly maxRate: number;
}

/** What all JSON connections of a server share. */
export interface JsonContext {
  readonly broker: Broker;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly options: JsonOptions;
  readonly report: Report;
  readonly figures: ListenFigures;
  readonly pings: Pings;
}

export class JsonConnection implements Connection, FrameOwner, OpenConnection, Pinged {
  readonly protocol = "json";
  readonly wantsEverything = true;
  readonly #frames: FrameTransport;
  readonly #origin: Origin;
  readonly #context: JsonContext;
  readonly #parser = new FrameParser();
  #peer: Peer | undefined;
  #timer: { cancel(): void } | undefined;
  /** Undefined without an outbox. */
  #sends: JsonSends | undefined;
  /** Undefined when any number may be sent. */
  #rate: Rate | undefined;
  /** Whoever says which version he speaks knows what to do with a frame that asks whether he is there. */
  #answersPings = false;
  /** Why nothing is read; it goes on when all of them are over. */
  #held = false;
  #busy = false;
  #choked = false;
  #slowed = false;
  #readerEnded = false;
  #finished = false;
  #isClosed = false;

  /** @param loginBy when a login must have come, in ms since 1970: `login-timeout` */
  constructor(frames: FrameTransport, client: Client, loginBy: number, context: JsonContext) {
    const { clock } = context;
    this.#origin = originOf(client);
    this.#frames = frames;
    this.#context = context;
    this.#timer = clock.after(Math.max(0, loginBy - clock.now()), () => {
      this.#refuseAndFinish(new ChatError("login-timeout", "no login came"));
    });
    frames.start(this);
  }

  get unsent(): number {
    return this.#frames.unsent;
  }

  get peer(): PeerView {
    const peer = this.#peer;
    if (peer === undefined) return { state: "greeting", behind: 0 };
    const behind = this.#context.broker.head - peer.position;
    if (peer.isLeaving || this.#readerEnded) return { state: "leaving", behind };
    return { state: behind > 0 ? "behind" : "live", behind };
  }

  deliver(run: Run): void {
    this.#context.figures.delivered += run.count;
    this.#frames.write(MESSAGES.of(run));
  }

  announce(event: RoomEvent): void {
    this.#frames.write(formatEvent(event));
  }

  notify(notice: Notice): void {
    this.#frames.write(formatNotice(notice));
  }

  accept({ outbox, count, first, to }: CommittedSend): void {
    if (outbox === undefined) return;
    const shown = to.map((name) => name.shown);
    this.#answer(formatAccepted(outbox.number, count, first, shown));
  }

  refuse(error: ChatError, times: number, number?: number): void {
    if (number === undefined) return this.#refuse(error);
    this.#context.figures.refuse(error.code, times);
    for (let i = 0; i < times; i++) {
      this.#answer(formatRefused(number + i, error.code, error.message));
    }
  }

  hold(): void {
    this.#held = true;
    this.#frames.pause();
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#goOn();
  }

  endReader(): void {
    this.#readerEnded = true;
  }

  end(): void {
    this.#readerEnded = true;
    this.#frames.end();
    if (this.#peer !== undefined) return;
    // Who never logged in has nothing to lose, and keeps no place by not reading.
    this.#timer?.cancel();
    this.#timer = this.#context.clock.after(LINGER, () => this.cut());
  }

  cut(): void {
    this.#frames.cut();
  }

  probe(): void {
    this.#frames.probe();
  }

  /** See `Pinged`. */
  get lastByteAt(): number {
    return this.#frames.lastByteAt;
  }

  /** See `Pinged`. */
  ping(): void {
    // Whoever reads slowly has enough to read.
    if (this.unsent > 0 || this.#frames.ping()) return;
    if (this.#answersPings) this.#frames.write(formatPing("?"));
  }

  /** See `FrameOwner`. */
  run(lines: string, at: number): number {
    if (this.#sends === undefined || this.#readerEnded || this.#isClosed) return at;
    // With a rate each counts, and the reader may have to wait after any of them.
    if (this.#rate !== undefined) return at;
    const run = this.#parser.parseRun(lines, at, TOGETHER);
    return run !== undefined && this.#sends.sendRun(run) ? run.end : at;
  }

  /** See `FrameOwner`. */
  frame(text: string): void {
    if (this.#readerEnded || this.#isClosed) return;
    try {
      this.#do(this.#parser.parse(text));
    } catch (error) {
      this.#refuseFrame(this.#expected("frame", error), idOf(text));
    }
  }

  /** See `FrameOwner`. */
  unreadable(code: UnreadableCode, head: string): void {
    const text = code === "bad-text" ? "that frame is not UTF-8" : "that frame is too long";
    const error = new ChatError(code, text);
    const number = numberOfSend(head);
    if (number === undefined || this.#sends === undefined) this.#refuseFrame(error);
    else if (!this.#readerEnded && !this.#isClosed) this.#sends.refuse(number, error);
  }

  /** See `FrameOwner`. */
  finished(): void {
    this.#finished = true;
    if (this.#busy) return;
    this.#sends?.flush();
    if (this.#peer === undefined) this.end();
    else this.#peer.finish();
  }

  /** See `FrameOwner`. */
  written(): void {
    if (this.unsent > MAX_UNSENT) return;
    this.#peer?.writable();
    if (!this.#choked) return;
    this.#choked = false;
    this.#goOn();
  }

  /** See `FrameOwner`. */
  closed(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#context.pings.unwatch(this);
    this.#peer?.gone();
  }

  /** Ends a connection from which nothing came since `time`, in ms since 1970. */
  endIfIdleSince(time: number): void {
    const standsStill = this.#held || this.#busy || this.#choked || this.#slowed;
    if (this.#peer === undefined || standsStill || this.#readerEnded) return;
    if (this.#frames.lastByteAt >= time) return;
    this.#refuseAndFinish(new ChatError("idle-timeout", "nothing came from you for too long"));
  }

  /** The server stops: peers are asked by the broker, the others have nothing to lose. */
  stop(): void {
    if (this.#peer === undefined && !this.#busy) this.cut();
  }

  #goOn(): void {
    if (this.#held || this.#busy || this.#choked || this.#slowed || this.#isClosed) return;
    this.#frames.resume();
  }

  /** A message more was sent: over its rate a peer is read more slowly. */
  #spend(rate: Rate): void {
    const { clock } = this.#context;
    const left = rate.allowance(clock.now()) - 1;
    rate.spend(1);
    if (left >= 1) return;
    this.#slowed = true;
    this.#frames.pause();
    this.#timer = clock.after(rate.wait, () => {
      this.#slowed = false;
      this.#goOn();
    });
  }

  /** Writes what the client asked for; nothing more is read while there is too much of it. */
  #answer(frames: string): void {
    this.#frames.write(frames);
    if (this.#choked || this.unsent <= MAX_UNSENT) return;
    this.#choked = true;
    this.#frames.pause();
  }

  #do(frame: ClientFrame): void {
    if (frame.kind === "send") {
      this.#sendsOfPeer().send(frame);
      return this.#rate && this.#spend(this.#rate);
    }
    this.#sends?.flush();
    if (frame.kind === "login") return this.#login(frame);
    if (frame.kind === "ping") return this.#answer(formatPong(frame.ping));
    if (frame.kind === "pong") return;
    const peer = this.#loggedInPeer();
    switch (frame.kind) {
      case "ack":
        if (frame.ack > peer.position) {
          throw new ChatError("bad-ack", `nothing above ${peer.position} was given to you yet`);
        }
        return peer.confirm(frame.ack);
      case "done":
        return peer.done(frame.done);
      case "read":
        return peer.markRead(parseRecipient(frame.read.trim()), frame.seq);
      case "typing":
        return peer.typing(parseRecipient(frame.typing.trim()));
      case "bye":
        this.#readerEnded = true;
        return peer.finish();
      default:
        return this.#answerTo(frame, peer);
    }
  }

  #loggedInPeer(): Peer {
    if (this.#peer !== undefined) return this.#peer;
    throw new ChatError("login-first", 'the first frame is {"login":"…"}');
  }

  #sendsOfPeer(): JsonSends {
    this.#loggedInPeer();
    if (this.#sends !== undefined) return this.#sends;
    throw new ChatError("no-outbox", "a login that sends names its outbox");
  }

  #login(frame: LoginFrame): void {
    if (this.#peer !== undefined || this.#busy) {
      throw new ChatError("bad-frame", "you are logged in already");
    }
    const { outbox, received, resume, password, token, register, invite } = frame;
    const name = parseName(frame.login.trim());
    this.#timer?.cancel();
    this.#busy = true;
    this.#answersPings = frame.version !== undefined;
    this.#frames.pause();
    const client = {
      ...(outbox === undefined ? {} : { outbox: String(outbox) }),
      ...(received === undefined ? {} : { received }),
      ...(resume === undefined ? {} : { resume }),
    };
    const proof = {
      keepsSession: true,
      ...(password === undefined ? {} : { password }),
      ...(token === undefined ? {} : { token }),
      ...(register === undefined ? {} : { register }),
      ...(invite === undefined ? {} : { invite }),
    };
    this.#context.accounts.logIn(name, proof, this.#origin, this, client).then(
      (login) => this.#loggedIn(login),
      (error: unknown) => {
        this.#busy = false;
        this.#refuseAndFinish(this.#expected("login", error));
      },
    );
  }

  #loggedIn(login: Login & { readonly session: string | undefined }): void {
    const { peer, log, head, position, outbox, lost, session } = login;
    this.#busy = false;
    this.#peer = peer;
    if (this.#isClosed) return peer.gone();
    const { clock, options } = this.#context;
    const { maxRecipients, maxRate } = options;
    if (maxRate > 0) this.#rate = new Rate(maxRate, clock.now());
    if (outbox !== undefined) this.#sends = new JsonSends(peer, maxRecipients);
    this.#context.pings.watch(this);
    peer.resume = randomBytes(16).toString("base64url");
    const welcome = {
      name: peer.name.shown,
      log,
      head,
      position,
      sent: outbox?.sent ?? 0,
      refused: outbox?.refused ?? [],
      resume: peer.resume,
      now: this.#context.clock.now(),
      version: JSON_VERSION,
      ...(session === undefined ? {} : { token: session }),
      ...(lost === undefined ? {} : { lost }),
    };
    this.#answer(formatWelcome(welcome));
    if (this.#finished) this.finished();
    else this.#goOn();
  }

  /** Nothing more is read before it is answered: answers come in order. */
  #answerTo(frame: JsonRequest, peer: Peer): void {
    this.#busy = true;
    this.#frames.pause();
    void answerFrame(frame, peer, { ...this.#context, origin: this.#origin })
      .then(
        (answer) => this.#answer(answer),
        (error: unknown) => this.#refuseFrame(this.#expected(frame.kind, error), frame.id),
      )
      .then(() => {
        this.#busy = false;
        if (this.#finished) this.finished();
        else this.#goOn();
      });
  }

  #refuse({ code, message }: ChatError, id?: string | number): void {
    this.#context.figures.refuse(code, 1);
    this.#answer(formatError(code, message, id));
  }

  /** @param id what the frame is known by to the client, if anything */
  #refuseFrame(error: ChatError, id?: string | number): void {
    this.#sends?.flush();
    if (this.#peer === undefined || ENDS.has(error.code)) this.#refuseAndFinish(error, id);
    else this.#refuse(error, id);
  }

  #refuseAndFinish(error: ChatError, id?: string | number): void {
    this.#refuse(error, id);
    if (this.#peer === undefined) return this.end();
    this.#readerEnded = true;
    this.#peer.finish();
  }

  /** What a client caused is told to it; what it did not is logged, and ends the connection. */
  #expected(stage: string, error: unknown): ChatError {
    if (error instanceof ChatError) return error;
    this.#context.report(stage, error as Error);
    return new ChatError("internal", "the server made a mistake, which it has logged");
  }
}
