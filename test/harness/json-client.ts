// A client of the JSON protocol that keeps what such a client must keep: its outbox and how far it has
// received. Connections may be cut under it at any time; it goes on with the next one.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Scope } from "./line-client.ts";

/** How long a frame may take to come, in ms. */
const PATIENCE = 20_000;

export interface Message {
  readonly seq: number;
  readonly from: string;
  readonly to: string;
  readonly body: string;
  readonly at: number;
  readonly outbox?: string;
  readonly send?: number;
}

export interface RoomEvent {
  readonly seq: number;
  readonly kind: "join" | "leave" | "kick" | "topic";
  readonly room: string;
  readonly name: string;
  readonly text: string;
}

interface Told {
  readonly code: string;
  readonly text: string;
}

/** What the server says: one of these fields. */
export interface Frame {
  readonly welcome?: {
    readonly name: string;
    readonly log: string;
    readonly position: number;
    readonly sent: number;
    readonly refused: readonly (Told & { readonly first: number; readonly last: number })[];
    readonly resume: string;
    readonly version: number;
    readonly lost?: { readonly from: number; readonly to: number };
  };
  readonly accepted?: { readonly send: number; readonly seqs: Readonly<Record<string, number>> };
  readonly refused?: Told & { readonly send: number };
  readonly message?: Message;
  readonly error?: Told;
  readonly event?: RoomEvent;
  readonly history?: {
    readonly with: string;
    readonly messages: readonly Message[];
    readonly events: readonly RoomEvent[];
    readonly more: boolean;
    readonly id?: string | number;
  };
  readonly search?: {
    readonly messages: readonly Message[];
    readonly complete: number;
    readonly id?: string | number;
  };
  readonly who?: {
    readonly room?: string;
    readonly names?: readonly string[];
    readonly members?: readonly { readonly name: string; readonly standing: string }[];
    readonly id?: string | number;
  };
  readonly joined?: { readonly room: string; readonly seq?: number; readonly members: number };
  readonly rooms?: { readonly rooms: readonly { readonly room: string }[] };
  readonly conversations?: {
    readonly conversations: readonly {
      readonly with: string;
      readonly last?: Message;
      readonly read: number;
      readonly unread: number;
    }[];
  };
  readonly presence?: {
    readonly names: readonly {
      readonly name: string;
      readonly online: boolean;
      readonly since: number;
    }[];
  };
  readonly typing?: { readonly from: string; readonly to: string };
  readonly read?: { readonly with: string; readonly seq: number };
  readonly invited?: { readonly room: string; readonly by: string };
  readonly blocked?: { readonly names: readonly string[] };
  readonly ok?: { readonly id?: string | number };
  readonly pong?: string | number;
}

interface Sent {
  readonly to: readonly string[];
  readonly body: string;
  outcome?: "accepted" | "refused";
}

export class JsonClient {
  readonly name: string;
  /** What it has sent: number 1 is the first. */
  readonly outbox: Sent[] = [];
  /** Bodies with their senders, in the order in which they came, over all connections. */
  readonly got: { readonly from: string; readonly body: string }[] = [];
  /** Every frame of the connection that is open. */
  frames: Frame[] = [];
  isWelcome = false;
  /** Each message is acknowledged as soon as it is kept, with this chance. */
  acks = 1;
  /** Whether it says at once that it knows a refusal. */
  tellsDone = true;
  readonly failures: string[] = [];
  #socket: Socket | undefined;
  #received: { log: string; seq: number } | undefined;
  #resume: string | undefined;
  #changed: (() => void)[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Connects anew, and cuts the older connection. What is not known to have arrived is sent again. */
  connect(t: Scope, port: number): void {
    this.cut();
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    t.after(() => socket.destroy());
    this.#socket = socket;
    this.isWelcome = false;
    this.frames = [];
    let rest = "";
    socket.setEncoding("utf8").on("error", () => {});
    socket.on("data", (text: string) => {
      if (this.#socket !== socket) return;
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#frame(JSON.parse(line) as Frame);
      this.#tell();
    });
    socket.on("close", () => {
      if (this.#socket === socket) this.#socket = undefined;
      this.#tell();
    });
    const { name: login } = this;
    this.say({ login, outbox: "one", received: this.#received, resume: this.#resume });
  }

  get isConnected(): boolean {
    return this.#socket !== undefined;
  }

  say(...frames: readonly unknown[]): this {
    this.#socket?.write(frames.map((frame) => `${JSON.stringify(frame)}\n`).join(""));
    return this;
  }

  send(to: readonly string[], body: string): number {
    const number = this.outbox.push({ to, body });
    if (this.isWelcome) this.#transmit(number);
    return number;
  }

  cut(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    this.isWelcome = false;
    socket?.resetAndDestroy();
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE);
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#changed.push(resolve);
      await Promise.race([
        promise,
        once(deadline, "abort").then(() =>
          assert.fail(`waited for ${what}; had ${JSON.stringify(this.frames.slice(-5))}`),
        ),
      ]);
    }
  }

  /** Waits for a frame that has this field, and takes it. */
  async take<F extends keyof Frame>(field: F): Promise<NonNullable<Frame[F]>> {
    await this.until(() => this.frames.some((frame) => field in frame), field);
    const index = this.frames.findIndex((frame) => field in frame);
    return this.frames.splice(index, 1)[0]?.[field] ?? assert.fail();
  }

  #transmit(number: number): void {
    const sent = this.outbox[number - 1];
    if (sent !== undefined) this.say({ send: number, to: sent.to, body: sent.body });
  }

  #settle(number: number, outcome: "accepted" | "refused"): void {
    const sent = this.outbox[number - 1];
    if (sent === undefined) return void this.failures.push(`${number} was never sent`);
    if (sent.outcome !== undefined && sent.outcome !== outcome) {
      this.failures.push(`${number} was ${sent.outcome}, and then ${outcome}`);
    }
    sent.outcome = outcome;
  }

  #frame(frame: Frame): void {
    this.frames.push(frame);
    const { welcome, accepted, refused, message, event } = frame;
    if (welcome !== undefined) {
      this.isWelcome = true;
      this.#resume = welcome.resume;
      this.#received ??= { log: welcome.log, seq: welcome.position };
      for (const { first, last } of welcome.refused) {
        for (let number = first; number <= last; number++) this.#settle(number, "refused");
      }
      if (welcome.refused.length > 0) this.#done(welcome.sent);
      this.outbox.slice(0, welcome.sent).forEach((sent) => (sent.outcome ??= "accepted"));
      for (let n = welcome.sent + 1; n <= this.outbox.length; n++) this.#transmit(n);
    }
    if (accepted !== undefined) this.#settle(accepted.send, "accepted");
    if (refused !== undefined && refused.code !== "out-of-order") {
      this.#settle(refused.send, "refused");
      this.#done(refused.send);
    }
    if (message !== undefined) this.#message(message);
    if (event !== undefined) this.#event(event);
  }

  #done(number: number): void {
    if (this.tellsDone) this.say({ done: number });
  }

  #event({ seq, kind, room, name }: RoomEvent): void {
    this.#passed(seq);
    this.got.push({ from: room, body: `${name} ${kind}` });
  }

  #passed(seq: number): void {
    const received = this.#received;
    if (received === undefined || seq <= received.seq) {
      this.failures.push(`${seq} came after ${received?.seq}`);
    }
    this.#received = { log: received?.log ?? "", seq };
  }

  #message({ seq, from, to, body, outbox }: Message): void {
    this.#passed(seq);
    // What it has sent itself, from the log: notes to itself it has not had before.
    if (outbox !== "one" || to === this.name) this.got.push({ from, body });
    if (Math.random() < this.acks) this.say({ ack: seq });
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
