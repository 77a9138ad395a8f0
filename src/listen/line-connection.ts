// A connection that speaks the line protocol: its reader pulls commands and gives them to the
// peer, the peer gives messages to its writer, and the end of either ends the other.

import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Accounts } from "../accounts/accounts.ts";
import type { Origin, Proof } from "../accounts/admission.ts";
import type { Connection } from "../broker/connection.ts";
import type { Peer } from "../broker/peer.ts";
import type { Run } from "../log/run.ts";
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
import { answerLine, checkInvite } from "./line-answers.ts";
import { LineDecoder } from "./line-decoder.ts";
import { LineWriter, type LineWriterOwner } from "./line-writer.ts";
import type { OpenConnection, PeerView } from "./places.ts";
import { Reader, type ReaderContext, type ReaderOptions, type ReaderOwner } from "./reader.ts";
import { readChunks } from "./shared-buffer.ts";
import { SharedText } from "./shared-text.ts";
import type { TcpWatch } from "./tcp-watch.ts";

export interface LineOptions extends ReaderOptions {
  /** The longest line, without its end, in bytes: `line-too-long`. */
  readonly maxLineBytes: number;
  /** Recipients of one message: `too-many-recipients`. */
  readonly maxRecipients: number;
  /** Milliseconds until a name must have come: `login-timeout`. */
  readonly loginTime: number;
  /** Milliseconds without a byte from the client: `idle-timeout`; 0 for any time. */
  readonly idleTime: number;
  /** Where the system does not tell what arrived: what is younger than this, in ms, is delivered again. */
  readonly redeliveryWindow: number;
}

/** What all line connections of a server share. */
export interface LineContext extends ReaderContext {
  readonly accounts: Accounts;
  readonly options: LineOptions;
  readonly watch: TcpWatch;
}

/** A room's members are given the same. */
const MESSAGES = new SharedText<Run>(({ from, to, bodies }) => formatMessages(from, to, bodies));

export class LineConnection implements Connection, LineWriterOwner, OpenConnection, ReaderOwner {
  readonly protocol = "line";
  readonly loginHint = "no name came: the first line is your name";
  /** One's own messages do not come back. */
  readonly wantsEverything = false;
  readonly #socket: Socket;
  readonly #origin: Origin;
  readonly #context: LineContext;
  readonly #decoder: LineDecoder;
  readonly #parser: LineParser;
  readonly #writer: LineWriter;
  readonly #delivered: Delivered;
  readonly #reader: Reader;
  #linger: { cancel(): void } | undefined;
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
      confirm: (seq) => this.#reader.peer?.confirm(seq),
      dead: () => this.cut(),
    });
    this.#lastByteAt = clock.now();
    this.#reader = new Reader(this, loginBy, context);
    socket.on("end", () => this.#end()).on("close", () => this.#close());
    readChunks(socket, (chunk) => this.#data(chunk));
    this.#data(first);
    if (hasEnded) this.#end();
  }

  get unsent(): number {
    return this.#writer.unsent;
  }

  /** See `Arriving`. */
  get isClosed(): boolean {
    return this.#reader.isClosed;
  }

  /** See `OpenConnection`. */
  get peer(): PeerView {
    return this.#reader.view;
  }

  /** See `LineWriterOwner`. */
  get position(): number {
    return this.#reader.peer?.position ?? 0;
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
    this.#reader.tell(this.formatError(error).repeat(times));
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
    this.#reader.written();
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
  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  /** See `ReaderOwner`. */
  pause(isSoon: boolean): void {
    if (!isSoon) this.#socket.pause();
  }

  /** See `ReaderOwner`. */
  readOn(): void {
    // Nobody is idle while we do not read.
    this.#lastByteAt = this.#context.clock.now();
    this.#read();
  }

  /** See `ReaderOwner`. */
  write(text: string): void {
    this.#writer.write(text);
  }

  /** See `ReaderOwner`. */
  formatError({ code, message }: ChatError): string {
    return formatError(code, message);
  }

  #data(chunk: Buffer): void {
    this.#lastByteAt = this.#context.clock.now();
    if (this.#finished || !this.#reader.isOpen) return;
    if (!this.#reader.mayRead) this.#socket.pause();
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
    this.#linger?.cancel();
    this.#delivered.closed();
    this.#reader.closed();
  }

  /** Takes commands until there are none, or something must be waited for. */
  #read(): void {
    while (this.#reader.mayRead) {
      const { peer } = this.#reader;
      if (peer === undefined ? this.#login() : this.#next(peer)) continue;
      if (this.#finished) this.#reader.finish();
      else this.#socket.resume();
      return;
    }
  }

  /** The first line is the name. @returns whether it has come */
  #login(): boolean {
    const line = this.#parser.nextLine();
    if (line === undefined) return false;
    this.#reader.login(this.#logIn(line), () => {});
    return true;
  }

  async #logIn(line: string): Promise<{ readonly peer: Peer }> {
    const wrong = unreadable(line);
    if (wrong !== undefined) throw new ChatError(wrong.code, wrong.text);
    const { name, proof } = parseLogin(line.trim());
    const { accounts } = this.#context;
    checkInvite(proof.invite, accounts);
    return accounts.logIn(name, proof, this.#origin, this);
  }

  /** Carries out the next command, as much of it as the rate allows. @returns whether there was one */
  #next(peer: Peer): boolean {
    const command = this.#parser.next(this.#reader.allowance);
    if (command !== undefined) this.#do(command, peer);
    return command !== undefined;
  }

  #do(command: LineCommand, peer: Peer): void {
    switch (command.kind) {
      case "send":
        peer.send(command.to, command.bodies, command.count);
        return this.#reader.sent(command.count);
      case "refused":
        return this.#reader.refuse("line", command.error);
      case "quit":
        this.#finished = true;
        return this.#reader.finish();
      default: {
        const answer = answerLine(command, peer, { ...this.#context, origin: this.#origin });
        return this.#reader.answer(command.kind, answer);
      }
    }
  }

  #sayGoodbye(): void {
    if (this.#isClosed) return;
    this.#socket.end();
    this.#linger = this.#context.clock.after(LINGER, () => this.cut());
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
