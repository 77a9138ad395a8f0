// A connection that speaks the line protocol: its reader pulls commands and gives them to the
// peer, the peer gives messages to its writer, and the end of either ends the other.

import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Accounts } from "../accounts/accounts.ts";
import type { Origin, Proof } from "../accounts/admission.ts";
import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Connection } from "../broker/connection.ts";
import { MAX_UNSENT, type Peer } from "../broker/peer.ts";
import type { Run } from "../log/run.ts";
import type { Report } from "../log/report.ts";
import { ChatError } from "../protocol/errors.ts";
import type { LineCommand } from "../protocol/line/command.ts";
import { formatError, formatMessages } from "../protocol/line/format.ts";
import { LineParser } from "../protocol/line/parser.ts";
import { parseRegistration } from "../protocol/line/registration.ts";
import { unreadable } from "../protocol/line/unreadable.ts";
import { type Name, parseName } from "../protocol/name.ts";
import type { Arrived } from "./arrival.ts";
import { originOf } from "./clients.ts";
import { Delivered } from "./delivered.ts";
import { LINGER, PROBE_AFTER } from "./frames.ts";
import { answerLine, checkInvite, type LineQuestion } from "./line-answers.ts";
import { LineDecoder } from "./line-decoder.ts";
import { LineWriter, type LineWriterOwner } from "./line-writer.ts";
import type { ListenFigures } from "./listen-figures.ts";
import type { OpenConnection, PeerView } from "./places.ts";
import { Rate } from "./rate.ts";
import { readChunks } from "./shared-buffer.ts";
import { SharedText } from "./shared-text.ts";
import type { TcpWatch } from "./tcp-watch.ts";

export interface LineOptions {
  /** The longest line, without its end, in bytes: `line-too-long`. */
  readonly maxLineBytes: number;
  /** Recipients of one message: `too-many-recipients`. */
  readonly maxRecipients: number;
  /** Messages a second from one peer; 0 for any number. Over it the reader waits. */
  readonly maxRate: number;
  /** Milliseconds until a name must have come: `login-timeout`. */
  readonly loginTime: number;
  /** Milliseconds without a byte from the client: `idle-timeout`; 0 for any time. */
  readonly idleTime: number;
  /** Where the system does not tell what arrived: what is younger than this, in ms, is delivered again. */
  readonly redeliveryWindow: number;
}

/** What all line connections of a server share. */
export interface LineContext {
  readonly broker: Broker;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly options: LineOptions;
  readonly watch: TcpWatch;
  readonly figures: ListenFigures;
  readonly report: Report;
}

/** A room's members are given the same. */
const MESSAGES = new SharedText<Run>(({ from, to, bodies }) => formatMessages(from, to, bodies));

export class LineConnection implements Connection, LineWriterOwner, OpenConnection {
  readonly protocol = "line";
  /** One's own messages do not come back. */
  readonly wantsEverything = false;
  readonly #socket: Socket;
  readonly #origin: Origin;
  readonly #context: LineContext;
  readonly #decoder: LineDecoder;
  readonly #parser: LineParser;
  readonly #writer: LineWriter;
  readonly #delivered: Delivered;
  #rate: Rate | undefined;
  #peer: Peer | undefined;
  #timer: { cancel(): void } | undefined;
  /** Why the reader stands still; it runs when all of them are over. */
  #held = false;
  #readerEnded = false;
  #busy = false;
  #slowed = false;
  /** Whether the client has finished sending, and whether we have. */
  #finished = false;
  #ending = false;
  #isClosed = false;
  #lastByteAt: number;

  constructor(arrived: Arrived, context: LineContext) {
    const { socket, first, hasEnded, loginBy, client } = arrived;
    const { options, clock } = context;
    this.#origin = originOf(client);
    this.#socket = socket;
    this.#context = context;
    this.#decoder = new LineDecoder(options.maxLineBytes);
    this.#parser = new LineParser(options.maxRecipients);
    this.#writer = new LineWriter(socket, this);
    this.#delivered = new Delivered(socket, this.#writer, context, {
      confirm: (seq) => this.#peer?.confirm(seq),
      dead: () => this.cut(),
    });
    this.#lastByteAt = clock.now();
    this.#timer = clock.after(Math.max(0, loginBy - clock.now()), () => this.#loginTimedOut());
    socket.on("end", () => this.#end()).on("close", () => this.#close());
    readChunks(socket, (chunk) => this.#data(chunk));
    this.#data(first);
    if (hasEnded) this.#end();
  }

  get unsent(): number {
    return this.#writer.unsent;
  }

  /** See `OpenConnection`. */
  get peer(): PeerView {
    const peer = this.#peer;
    const { head } = this.#context.broker;
    if (peer === undefined) return { state: "greeting", behind: 0 };
    const behind = head - peer.position;
    if (peer.isLeaving || this.#ending) return { state: "leaving", behind };
    return { state: behind > 0 ? "behind" : "live", behind };
  }

  /** See `LineWriterOwner`. */
  get position(): number {
    return this.#peer?.position ?? 0;
  }

  deliver(run: Run): void {
    this.#context.figures.delivered += run.count;
    this.#writer.write(MESSAGES.of(run));
  }

  announce(): void {
    // Joins, leaves and topics are silent here: whoever wants to know asks.
  }

  notify(): void {
    // Nothing is said here unasked but messages.
  }

  accept(): void {
    // Line clients number nothing, and are told nothing of what goes well.
  }

  refuse(error: ChatError, times: number): void {
    this.#context.figures.refuse(error.code, times);
    this.#writer.answer(formatError(error.code, error.message).repeat(times));
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    if (!this.#held) return;
    this.#held = false;
    // Nobody is idle while we do not read.
    this.#lastByteAt = this.#context.clock.now();
    this.#read();
  }

  endReader(): void {
    this.#readerEnded = true;
  }

  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    // What still comes is read and dropped: unread bytes would turn our FIN into a reset.
    this.#socket.resume();
    void this.#delivered.finish(this.#finished).then(() => this.#sayGoodbye());
  }

  cut(): void {
    this.#socket.destroy();
  }

  probe(): void {
    // From now on the system asks once a second: a host that is gone shows within ten.
    this.#socket.setKeepAlive(true, PROBE_AFTER);
  }

  /** See `LineWriterOwner`. */
  written(): void {
    this.#delivered.written();
    if (this.#writer.unsent <= MAX_UNSENT) this.#peer?.writable();
    if (this.#busy) return;
    this.#read();
  }

  /** See `OpenConnection`. */
  endIfIdleSince(time: number): void {
    const standsStill = this.#held || this.#busy || this.#slowed;
    // Who has finished is not idle: he reads what is left for him.
    const isLeaving = this.#finished || this.#readerEnded || this.#ending;
    if (this.#peer === undefined || standsStill || isLeaving || this.#lastByteAt >= time) return;
    this.#refuseAndFinish(new ChatError("idle-timeout", "nothing came from you for too long"));
  }

  /**
   * The server stops: peers are asked by the broker, which also refuses a login that is under way; the
   * others have nothing to lose.
   */
  stop(): void {
    if (this.#peer === undefined && !this.#busy) this.cut();
  }

  #data(chunk: Buffer): void {
    this.#lastByteAt = this.#context.clock.now();
    if (this.#finished || this.#ending) return;
    const lines = this.#decoder.decode(chunk);
    if (lines === "") return;
    this.#parser.push(lines);
    this.#read();
  }

  /** FIN: a request to finish. The last line counts, also without its end. */
  #end(): void {
    if (this.#finished) return;
    this.#parser.push(this.#decoder.end());
    this.#finished = true;
    this.#read();
  }

  #close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#delivered.closed();
    this.#peer?.gone();
  }

  /** Takes commands until there are none, or something must be waited for. */
  #read(): void {
    while (!this.#standsStill()) {
      const command = this.#peer === undefined ? this.#login() : this.#next();
      if (command !== undefined) continue;
      // A login that has just begun, or a pause, comes before the end.
      if (this.#finished && !this.#standsStill()) this.#finish();
      else if (!this.#finished && !this.#slowed) this.#socket.resume();
      return;
    }
    if (!this.#finished) this.#socket.pause();
  }

  #standsStill(): boolean {
    if (this.#isClosed || this.#ending || this.#readerEnded) return true;
    if (this.#held || this.#busy || this.#slowed) return true;
    return this.#writer.answersWaiting && this.#writer.unsent > MAX_UNSENT;
  }

  #finish(): void {
    if (this.#peer === undefined) this.end();
    else this.#peer.finish();
  }

  /** The first line is the name. The reader waits until the login has succeeded. */
  #login(): undefined {
    const line = this.#parser.nextLine();
    if (line === undefined) return undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#busy = true;
    this.#logIn(line).then(
      (peer) => this.#loggedIn(peer),
      (error: unknown) => this.#refuseAndFinish(this.#expected("login", error)),
    );
    return undefined;
  }

  async #logIn(line: string): Promise<Peer> {
    const wrong = unreadable(line);
    if (wrong !== undefined) throw new ChatError(wrong.code, wrong.text);
    const { name, proof } = parseLogin(line.trim());
    const { accounts } = this.#context;
    checkInvite(proof.invite, accounts);
    const { peer } = await accounts.logIn(name, proof, this.#origin, this);
    return peer;
  }

  #loggedIn(peer: Peer): void {
    this.#peer = peer;
    if (this.#isClosed) return peer.gone();
    const { maxRate } = this.#context.options;
    if (maxRate > 0) this.#rate = new Rate(maxRate, this.#context.clock.now());
    this.#busy = false;
    this.#read();
  }

  #loginTimedOut(): void {
    const text = "no name came: the first line is your name";
    this.#refuseAndFinish(new ChatError("login-timeout", text));
  }

  #refuseAndFinish(error: ChatError): void {
    this.refuse(error, 1);
    if (this.#peer === undefined) return this.end();
    this.#readerEnded = true;
    this.#peer.finish();
  }

  /** The next command, as much of it as the rate allows; carried out. */
  #next(): LineCommand | undefined {
    const allowance = this.#rate?.allowance(this.#context.clock.now()) ?? Infinity;
    if (allowance < 1) return this.#slowDown();
    const command = this.#parser.next(allowance);
    if (command !== undefined) this.#do(command);
    return command;
  }

  #slowDown(): undefined {
    this.#slowed = true;
    this.#timer = this.#context.clock.after(this.#rate?.wait ?? 0, () => {
      this.#slowed = false;
      this.#read();
    });
    this.#socket.pause();
  }

  #do(command: LineCommand): void {
    switch (command.kind) {
      case "send":
        this.#rate?.spend(command.count);
        return this.#peer?.send(command.to, command.bodies, command.count);
      case "refused":
        return this.refuse(command.error, 1);
      case "quit":
        this.#finished = true;
        this.#readerEnded = true;
        return this.#peer?.finish();
      default:
        if (this.#peer !== undefined) this.#answer(command, this.#peer);
    }
  }

  /** Nothing more is read before it is answered: answers come in order. */
  #answer(question: LineQuestion, peer: Peer): void {
    this.#busy = true;
    answerLine(question, peer, { ...this.#context, origin: this.#origin }).then(
      (lines) => {
        this.#writer.answer(lines);
        this.#busy = false;
        this.#read();
      },
      (error: unknown) => {
        const expected = this.#expected(question.kind, error);
        if (expected !== error) return this.#refuseAndFinish(expected);
        this.refuse(expected, 1);
        this.#busy = false;
        this.#read();
      },
    );
  }

  /** What a client caused is told to it; what it did not is logged, and ends the connection. */
  #expected(stage: string, error: unknown): ChatError {
    if (error instanceof ChatError) return error;
    this.#context.report(stage, error as Error);
    return new ChatError("internal", "the server made a mistake, which it has logged");
  }

  #sayGoodbye(): void {
    if (this.#isClosed) return;
    this.#socket.end();
    this.#timer = this.#context.clock.after(LINGER, () => this.cut());
  }
}

/**
 * `NAME`, or `NAME:PASSWORD`, or `/register NAME PASSWORD [INVITE]`: no name has a colon, a space or
 * a slash.
 * @throws ChatError `bad-name`, `bad-password`
 */
function parseLogin(line: string): { readonly name: Name; readonly proof: Proof } {
  const [command, who = "", ...words] = line.split(/\s+/u);
  if (command === "/register") {
    return { name: parseName(who), proof: { register: true, ...parseRegistration(words) } };
  }
  const colon = line.indexOf(":");
  if (colon < 0) return { name: parseName(line), proof: {} };
  return {
    name: parseName(line.slice(0, colon).trim()),
    proof: { password: line.slice(colon + 1) },
  };
}
