// A connection that speaks JSON, over whatever carries its frames: its reader gives commands to the
// peer, the peer gives messages and outcomes to its writer, and the end of either ends the other.

import { randomBytes } from "node:crypto";
import type { Accounts } from "../accounts/accounts.ts";
import type { Origin } from "../accounts/admission.ts";
import type { Login } from "../broker/broker.ts";
import type { Connection } from "../broker/connection.ts";
import type { Notice } from "../broker/notice.ts";
import type { Peer } from "../broker/peer.ts";
import type { CommittedSend } from "../log/commit.ts";
import type { Run } from "../log/run.ts";
import type { RoomEvent } from "../log/rooms.ts";
import { ChatError } from "../protocol/errors.ts";
import {
  formatAccepted,
  formatBye,
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
import { FrameParser, idOf, knownBy } from "../protocol/json/parse.ts";
import type { UnreadableCode } from "../protocol/line/unreadable.ts";
import { parseName } from "../protocol/name.ts";
import { parseRecipient } from "../protocol/room.ts";
import { type FrameOwner, type FrameTransport, LINGER } from "./frames.ts";
import { type Client, originOf } from "./clients.ts";
import { answerFrame, type JsonRequest } from "./json-answers.ts";
import { JsonSends, TOGETHER } from "./json-sends.ts";
import type { OpenConnection, PeerView } from "./places.ts";
import type { Pinged, Pings } from "./pings.ts";
import { Reader, type ReaderContext, type ReaderOptions, type ReaderOwner } from "./reader.ts";
import { SharedText } from "./shared-text.ts";

/** The protocol's version. Fields may be added within one; frames that are not known are refused. */
export const JSON_VERSION = 1;

/** A room's members are given the same. */
const MESSAGES = new SharedText<Run>(formatMessages);

export interface JsonOptions extends ReaderOptions {
  /** Recipients of one message: `too-many-recipients`. */
  readonly maxRecipients: number;
}

/** What all JSON connections of a server share. */
export interface JsonContext extends ReaderContext {
  readonly accounts: Accounts;
  readonly options: JsonOptions;
  readonly pings: Pings;
}

export class JsonConnection implements Connection, FrameOwner, OpenConnection, Pinged, ReaderOwner {
  readonly protocol = "json";
  readonly loginHint = "no login came";
  readonly wantsEverything = true;
  readonly #frames: FrameTransport;
  readonly #origin: Origin;
  readonly #context: JsonContext;
  readonly #parser = new FrameParser();
  readonly #reader: Reader;
  /** Undefined without an outbox. */
  #sends: JsonSends | undefined;
  /** Whoever says which version he speaks knows what to do with a frame that asks whether he is there. */
  #answersPings = false;
  /** Whether the client waits to be told that all is done and delivered. */
  #hasSaidBye = false;
  #linger: { cancel(): void } | undefined;

  /** @param loginBy when a login must have come, in ms since 1970: `login-timeout` */
  constructor(frames: FrameTransport, client: Client, loginBy: number, context: JsonContext) {
    this.#origin = originOf(client);
    this.#frames = frames;
    this.#context = context;
    this.#reader = new Reader(this, loginBy, context);
    frames.start(this);
  }

  get unsent(): number {
    return this.#frames.unsent;
  }

  /** See `Arriving`. */
  get isClosed(): boolean {
    return this.#reader.isClosed;
  }

  get peer(): PeerView {
    return this.#reader.view;
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
    this.#reader.tell(formatAccepted(outbox.number, count, first, shown));
  }

  refuse(error: ChatError, times: number, number?: number): void {
    this.#context.figures.refuse(error.code, times);
    if (number === undefined) return this.#reader.tell(this.formatError(error));
    for (let i = 0; i < times; i++) {
      this.#reader.tell(formatRefused(number + i, error.code, error.message));
    }
  }

  hold(): void {
    this.#reader.hold();
  }

  release(): void {
    this.#reader.release();
  }

  endReader(): void {
    this.#reader.endReader();
  }

  end(isAll = false): void {
    this.#reader.endReader();
    if (isAll && this.#hasSaidBye) this.#frames.write(formatBye());
    this.#frames.end();
    // Who never logged in has nothing to lose, and keeps no place by not reading.
    if (this.#reader.peer === undefined) {
      this.#linger ??= this.#context.clock.after(LINGER, () => this.cut());
    }
  }

  cut(): void {
    this.#frames.cut();
  }

  probe(): void {
    this.#frames.probe();
  }

  /** See `Pinged` and `ReaderOwner`. */
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
    // With a rate each counts, and the reader may have to wait after any of them.
    if (this.#sends === undefined || !this.#reader.isOpen || this.#reader.isRated) return at;
    const run = this.#parser.parseRun(lines, at, TOGETHER);
    return run !== undefined && this.#sends.sendRun(run) ? run.end : at;
  }

  /** See `FrameOwner`. */
  frame(text: string): void {
    if (!this.#reader.isOpen) return;
    try {
      this.#do(this.#parser.parse(text));
    } catch (error) {
      this.#sends?.flush();
      this.#reader.refuse("frame", error, idOf(text));
    }
  }

  /** See `FrameOwner`. */
  unreadable(code: UnreadableCode, head: string): void {
    const text = code === "bad-text" ? "that frame is not UTF-8" : "that frame is too long";
    const error = new ChatError(code, text);
    const { send, id } = knownBy(head);
    if (send !== undefined && this.#sends !== undefined) {
      if (this.#reader.isOpen) this.#sends.refuse(send, error);
      return;
    }
    this.#sends?.flush();
    this.#reader.refuse("frame", error, id);
  }

  /** See `FrameOwner`. */
  finished(): void {
    this.#sends?.flush();
    this.#reader.finish();
  }

  /** See `FrameOwner`. */
  written(): void {
    this.#reader.written();
  }

  /** See `FrameOwner`. */
  closed(): void {
    this.#linger?.cancel();
    this.#context.pings.unwatch(this);
    this.#reader.closed();
  }

  /** See `OpenConnection`. */
  endIfIdleSince(time: number): void {
    this.#reader.endIfIdleSince(time);
  }

  /** See `OpenConnection`. */
  stop(): void {
    this.#reader.stop();
  }

  /** See `ReaderOwner`. */
  pause(isSoon: boolean): void {
    this.#frames.pause(isSoon);
  }

  /** See `ReaderOwner`. */
  readOn(): void {
    this.#frames.resume();
  }

  /** See `ReaderOwner`. */
  write(frames: string): void {
    this.#frames.write(frames);
  }

  /** See `ReaderOwner`. */
  formatError({ code, message }: ChatError, id?: string | number): string {
    return formatError(code, message, id);
  }

  #do(frame: ClientFrame): void {
    if (frame.kind === "send") {
      this.#sendsOfPeer().send(frame);
      return this.#reader.sent(1);
    }
    this.#sends?.flush();
    if (frame.kind === "login") return this.#login(frame);
    if (frame.kind === "ping") return this.#reader.tell(formatPong(frame.ping));
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
        this.#hasSaidBye = true;
        return this.#reader.finish();
      default:
        return this.#reader.answer(frame.kind, this.#answerTo(frame, peer), frame.id);
    }
  }

  #loggedInPeer(): Peer {
    const { peer } = this.#reader;
    if (peer !== undefined) return peer;
    throw new ChatError("login-first", 'the first frame is {"login":"…"}');
  }

  #sendsOfPeer(): JsonSends {
    this.#loggedInPeer();
    if (this.#sends !== undefined) return this.#sends;
    throw new ChatError("no-outbox", "a login that sends names its outbox");
  }

  #login(frame: LoginFrame): void {
    if (this.#reader.peer !== undefined) {
      throw new ChatError("bad-frame", "you are logged in already");
    }
    const { outbox, received, resume, password, token, register, invite } = frame;
    const name = parseName(frame.login.trim());
    this.#answersPings = frame.version !== undefined;
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
    const login = this.#context.accounts.logIn(name, proof, this.#origin, this, client);
    this.#reader.login(login, (admitted) => this.#welcome(admitted));
  }

  #welcome(login: Login & { readonly session: string | undefined }): void {
    const { peer, log, head, position, outbox, lost, session } = login;
    const { maxRecipients } = this.#context.options;
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
    this.#reader.tell(formatWelcome(welcome));
  }

  #answerTo(frame: JsonRequest, peer: Peer): Promise<string> {
    return answerFrame(frame, peer, { ...this.#context, origin: this.#origin });
  }
}
