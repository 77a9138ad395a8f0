// A client that misbehaves: numbers, acks and cursors that are not its own to say, and two connections with
// one outbox. What it sends well it sends exactly once all the same, and it gets what the protocol promises.

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import type { Random } from "../harness/chaos-proxy.ts";
import type { Frame } from "../harness/json-client.ts";
import { type Got, mustBeRefused, type Party, type Sent } from "./client.ts";

const OUTBOX = "unruly";
/** What its misdeeds are answered with. */
const MAY_BE_TOLD: ReadonlySet<string> = new Set(["bad-ack", "bad-send-number"]);
/** A seq that no log reaches, and a number that no outbox does. */
const FAR = 2 ** 50;

/** What one connection was told and has said. */
interface Connection {
  readonly socket: Socket;
  readonly claim: { readonly log: string; readonly seq: number } | undefined;
  /** Set by its welcome. */
  position: number | undefined;
  /** The highest seq that it was given. */
  given: number;
  /** Sends with a number that is not the next one, by that number: each is refused so. */
  readonly wrong: Map<number, number>;
  /** The highest number that was transmitted. */
  transmitted: number;
  /** After this number it has said one that cannot be read: nothing of it counts from there on. */
  brokenAfter: number;
}

/** Sends that go out at once. */
const BURST = 8;

export class Unruly implements Party {
  readonly name: string;
  readonly device: string;
  readonly rooms: ReadonlySet<string>;
  /** The one with number 1 first. */
  readonly sent: Sent[] = [];
  readonly got: Got[] = [];
  /** What it has done wrong. */
  misdeeds = 0;
  readonly #login: object;
  readonly #random: Random;
  readonly #report: (error: Error) => void;
  readonly #port: () => number;
  readonly #texts = new Map<number, string>();
  #now: Connection | undefined;
  /** All that are open: it does not wait for the end of the older ones. */
  readonly #open = new Set<Connection>();
  #log = "";
  #resume: string | undefined;
  /** The highest seq that it has said to have, having it. */
  #acked = 0;
  /** Up to this number it knows that its sends are decided. */
  #decided = 0;
  #isOver = false;

  /** @param proof what its login says besides its name: a password, where it is an account */
  constructor(
    name: string,
    proof: object,
    port: () => number,
    random: Random,
    report: (error: Error) => void,
  ) {
    this.name = name;
    this.device = name;
    this.rooms = new Set<string>(["#one"]);
    this.#login = { login: name, outbox: OUTBOX, ...proof };
    this.#port = port;
    this.#random = random;
    this.#report = report;
  }

  get isWelcome(): boolean {
    return this.#now?.position !== undefined;
  }

  get isDecided(): boolean {
    return this.#decided === this.sent.length;
  }

  /** Connects beside what is open. @param received what it says that it has received */
  connect(received?: Connection["claim"]): void {
    if (this.#isOver) return;
    const socket = connect({ port: this.#port(), host: "127.0.0.1", noDelay: true });
    const connection: Connection = {
      socket,
      claim: received,
      position: undefined,
      given: 0,
      wrong: new Map(),
      transmitted: 0,
      brokenAfter: Infinity,
    };
    this.#now = connection;
    this.#open.add(connection);
    let rest = "";
    socket.setEncoding("utf8").on("error", () => {});
    socket.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      try {
        for (const line of lines) this.#frame(connection, JSON.parse(line) as Frame);
      } catch (error) {
        this.#report(error as Error);
      }
    });
    socket.on("close", () => {
      this.#open.delete(connection);
      if (this.#now === connection) this.connect();
    });
    const resume = this.#random() < 0.8 ? this.#resume : "not what it was given";
    this.#say(connection, { ...this.#login, received, resume });
  }

  join(room: string): void {
    if (this.#now !== undefined) this.#say(this.#now, { join: room });
  }

  send(to: readonly string[], what: string): void {
    const body = `${this.device} ${this.sent.length} ${what}`;
    this.sent.push({ body, to, isBad: mustBeRefused(to, body), outcome: undefined });
    // Also over those that have a newer one beside them: as long as they are open they may.
    for (const connection of this.#open) this.#transmit(connection);
  }

  /** Does something that it must not. */
  misbehave(): void {
    const now = this.#now;
    if (now?.position === undefined) return;
    this.misdeeds += 1;
    const what = Math.floor(this.#random() * 10);
    const any = Math.floor(this.#random() * 5);
    const next = now.transmitted + 1;
    const own = { log: this.#log, seq: this.got.at(-1)?.seq ?? 0 };
    switch (what) {
      case 0:
        return this.#sendWrongly(now, next + 1 + any);
      case 1:
        return this.#sendWrongly(now, Math.max(1, next - 1 - any));
      case 2:
        return this.#say(now, { ack: FAR });
      case 3:
        return this.#say(now, { ack: Math.max(0, this.#acked - any) });
      case 4:
        return this.#say(now, { done: any === 0 ? FAR : next + any });
      case 5:
        return this.connect({ log: "another", seq: own.seq });
      case 6:
        return this.connect({ log: this.#log, seq: FAR });
      case 7:
        // Its word for what it has counts, as an ack does.
        this.#acked = Math.max(this.#acked, own.seq);
        return this.connect(own);
      case 8:
        now.brokenAfter = Math.min(now.brokenAfter, now.transmitted);
        this.#say(now, { send: "one", to: ["n0"], body: "whose number cannot be read" });
        return this.#burst();
      default:
        // What the older connection sends meanwhile and what the new one is told must fit.
        this.#burst();
        this.connect();
        setImmediate(() => this.#burst());
    }
  }

  /** Acknowledges what it has been given, now and then. */
  acknowledge(): void {
    const now = this.#now;
    if (now?.position === undefined || now.given === 0) return;
    this.#acked = Math.max(this.#acked, now.given);
    this.#say(now, { ack: now.given });
  }

  end(): void {
    this.#isOver = true;
    for (const { socket } of this.#open) socket.destroy();
  }

  #burst(): void {
    if (this.#isOver) return;
    for (let i = 0; i < BURST; i++) this.send([this.name, "#one"], "in a burst");
  }

  #say(connection: Connection, frame: object): void {
    connection.socket.write(`${JSON.stringify(frame)}\n`);
  }

  #sendWrongly(connection: Connection, number: number): void {
    connection.wrong.set(number, (connection.wrong.get(number) ?? 0) + 1);
    const body = `${this.device} 0 with a number that is not the next one`;
    this.#say(connection, { send: number, to: ["n0", "#one"], body });
  }

  /** What this connection has not transmitted yet. */
  #transmit(connection: Connection): void {
    if (connection.position === undefined) return;
    for (; connection.transmitted < this.sent.length; connection.transmitted++) {
      const { to, body } = this.sent[connection.transmitted] as Sent;
      this.#say(connection, { send: connection.transmitted + 1, to, body });
    }
  }

  #frame(connection: Connection, frame: Frame): void {
    const { welcome, accepted, refused, message, error } = frame;
    if (welcome !== undefined) this.#welcomed(connection, welcome);
    if (accepted !== undefined) {
      const { brokenAfter } = connection;
      assert.ok(
        accepted.send <= brokenAfter,
        `${this.name}: ${accepted.send} came after a bad one`,
      );
      this.#accepted(accepted);
    }
    if (refused !== undefined) this.#refused(connection, refused);
    if (message !== undefined) this.#message(connection, message);
    if (error === undefined) return;
    const { code } = error;
    const isKnown =
      connection.position === undefined ? code === "name-taken" : MAY_BE_TOLD.has(code);
    assert.ok(isKnown, `${this.name} is told ${JSON.stringify(error)}`);
  }

  #welcomed(connection: Connection, welcome: NonNullable<Frame["welcome"]>): void {
    const { log, sent, refused, resume, position, lost } = welcome;
    if (this.#log !== "") assert.equal(log, this.#log);
    this.#log = log;
    if (connection === this.#now) this.#resume = resume;
    const { claim } = connection;
    if (claim !== undefined && claim.log === log && claim.seq < FAR) {
      assert.deepEqual([position, lost], [claim.seq, undefined], `${this.name} has what it has`);
    } else {
      assert.ok(position <= this.#acked, `${this.name} begins at ${position}`);
      const missed = claim !== undefined && position > 0 ? { from: 1, to: position } : undefined;
      assert.deepEqual(lost, missed, `${this.name} is told what it may miss`);
    }
    assert.ok(sent >= this.#decided, `${sent} are taken, and ${this.#decided} were`);
    assert.ok(sent <= this.sent.length, `${sent} are taken, and ${this.sent.length} were sent`);
    for (const { first, last } of refused) {
      for (let number = first; number <= last; number++) this.#settle(number, "refused");
    }
    for (let number = 1; number <= sent; number++) {
      const one = this.sent[number - 1] as Sent;
      one.outcome ??= one.isBad ? "refused" : "sent";
    }
    this.#decided = sent;
    connection.position = position;
    connection.transmitted = sent;
    this.#transmit(connection);
  }

  #accepted({ send, seqs }: NonNullable<Frame["accepted"]>): void {
    this.#settle(send, "sent");
    const one = this.sent[send - 1] as Sent;
    assert.deepEqual(seqs, one.seqs ?? seqs, `${one.body} has one seq for each recipient`);
    one.seqs = seqs;
  }

  #refused(connection: Connection, { send, code }: NonNullable<Frame["refused"]>): void {
    if (code !== "out-of-order") return this.#settle(send, "refused");
    const times = connection.wrong.get(send) ?? 0;
    assert.ok(times > 0, `${this.name}: ${send} was in its order`);
    connection.wrong.set(send, times - 1);
  }

  #settle(number: number, outcome: "sent" | "refused"): void {
    const one = this.sent[number - 1] ?? assert.fail(`${number} was never sent`);
    assert.equal(outcome, one.isBad ? "refused" : "sent", `${one.body} is ${outcome}`);
    one.outcome = outcome;
    this.#decided = Math.max(this.#decided, number);
  }

  #message(connection: Connection, message: NonNullable<Frame["message"]>): void {
    const { seq, to, body, outbox } = message;
    const { position, given } = connection;
    assert.ok(position !== undefined && seq > Math.max(position, given), `${seq} after ${given}`);
    connection.given = seq;
    if (outbox === OUTBOX && to !== this.name) return;
    const text = `${to} ${body}`;
    assert.equal(text, this.#texts.get(seq) ?? text, `${seq} is one message`);
    if (!this.#texts.has(seq)) this.#insert({ seq, text });
    // Nothing of what it is known to be due lies between this one and the one before.
    const index = this.got.findLastIndex((one) => one.seq === seq);
    const before = this.got[index - 1]?.seq ?? 0;
    assert.ok(
      before <= Math.max(position, given),
      `${this.name} was given ${seq}, and not ${before} before it`,
    );
  }

  #insert(one: Got): void {
    this.#texts.set(one.seq, one.text);
    const index = this.got.findLastIndex(({ seq }) => seq < one.seq) + 1;
    this.got.splice(index, 0, one);
  }
}
