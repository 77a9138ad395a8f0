// A client of the checker: what it has sent and got, over all runs of its program, and whether each thing
// that it is told fits with what it was told before.

import assert from "node:assert/strict";
import type { Told } from "./program.ts";
import type { Place, Run } from "./runs.ts";

export interface Sent {
  readonly body: string;
  readonly to: readonly string[];
  /** Whether the server must refuse it. */
  readonly isBad: boolean;
  /**
   * `gone`: it was taken out before it was transmitted, or its run ended before it was kept. `perhaps`: nobody
   * knows. What is undefined is still in the outbox.
   */
  outcome: "sent" | "refused" | "gone" | "perhaps" | undefined;
  seqs?: Readonly<Record<string, number>>;
}

export interface Got {
  readonly seq: number;
  readonly text: string;
}

/** Whatever has a part in the checker. */
export interface Party {
  readonly name: string;
  /** Unique: one name may have several. */
  readonly device: string;
  readonly rooms: ReadonlySet<string>;
  readonly sent: readonly Sent[];
  /** What came, without what it has sent itself, in rising seqs. */
  readonly got: readonly Got[];
}

/** After how many deliveries it confirms. */
export type Habit = 1 | 3 | 20;

export class Client implements Party {
  readonly name: string;
  readonly device: string;
  readonly rooms: Set<string> = new Set<string>();
  readonly sent: Sent[] = [];
  readonly got: Got[] = [];
  /** Runs that died, and those that ended in good order. */
  readonly ends = { died: 0, closed: 0 };
  /** Told what does not fit. */
  readonly #report: (error: Error) => void;
  readonly #place: Place;
  readonly #habit: Habit;
  readonly #byBody = new Map<string, Sent>();
  #run: Run | undefined;
  #ending: Promise<void> = Promise.resolve();
  /** Up to where it has asked to confirm, and up to where that is known to be done. */
  #asked = 0;
  #confirmed = 0;
  /** The place in `got` of what must come next in this run; undefined before the first that comes. */
  #next: number | undefined;
  /** Deliveries since it has confirmed. */
  #since = 0;

  constructor(
    names: { readonly name: string; readonly device: string },
    place: Place,
    habit: Habit,
    report: (error: Error) => void,
  ) {
    this.name = names.name;
    this.device = names.device;
    this.#place = place;
    this.#habit = habit;
    this.#report = report;
  }

  start(): void {
    this.#next = undefined;
    this.#run = this.#place.start((told) => {
      try {
        this.#told(told);
      } catch (error) {
        this.#report(error as Error);
      }
    });
  }

  /** Whether writes of its store may fail. */
  set isRough(is: boolean) {
    this.#place.isRough = is;
  }

  send(to: readonly string[], what: string, patience?: number): Sent {
    const body = `${this.device} ${this.sent.length} ${what}`;
    const isBad = mustBeRefused(to, body);
    const sent: Sent = { body, to, isBad, outcome: undefined };
    this.sent.push(sent);
    this.#byBody.set(body, sent);
    this.#run?.do({ do: "send", to, body, ...(patience === undefined ? {} : { patience }) });
    return sent;
  }

  /** Takes out the first that is not transmitted. */
  withdraw(): void {
    this.#run?.do({ do: "withdraw" });
  }

  join(room: string): void {
    this.#run?.do({ do: "join", room });
  }

  /** The program ends, one way or the other, and another run of it goes on with what was kept. */
  restart(how: "die" | "close"): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    this.ends[how === "die" ? "died" : "closed"] += 1;
    this.#ending = run[how]().then(() => this.start());
  }

  get isConfirmed(): boolean {
    return this.got.length > 0 && this.#confirmed >= (this.got.at(-1)?.seq ?? 0);
  }

  /** It is over. */
  async end(): Promise<void> {
    await this.#ending;
    await this.#run?.close();
  }

  #told(told: Told): void {
    switch (told.tell) {
      case "opened":
        return this.#opened(new Set(told.unsent));
      case "outcome":
        return this.#settled(told.body, told.outcome, told.seqs);
      case "delivery":
        return this.#delivered(told.seq, told.text, told.isMine);
      case "confirmed":
        this.#confirmed = Math.max(this.#confirmed, told.seq);
        return;
      case "joined":
        this.rooms.add(told.room);
        return;
      default:
        // Its former run may hold the name for a moment, where a crash took the secret that replaces it.
        assert.equal(told.code, "name-taken", `${this.device} has ended`);
        return this.restart("close");
    }
  }

  /** What the former run has written and not heard of is in the store now, or it never will be sent. */
  #opened(unsent: ReadonlySet<string>): void {
    for (const body of unsent) assert.ok(this.#byBody.has(body), `${body} was never written`);
    for (const sent of this.sent) {
      const isKept = unsent.has(sent.body);
      if (sent.outcome === "sent" || sent.outcome === "refused") continue;
      if (isKept) sent.outcome = undefined;
      else sent.outcome ??= this.#place.isHeard ? "gone" : "perhaps";
    }
  }

  #settled(body: string, told: string, seqs: Sent["seqs"]): void {
    const sent = this.#byBody.get(body) ?? assert.fail(`${body} was never written`);
    const outcome = outcomeOf(told);
    if (outcome === "perhaps") return void (sent.outcome ??= outcome);
    const before = sent.outcome === "perhaps" ? outcome : (sent.outcome ?? outcome);
    assert.equal(outcome, before, `${body} was ${before}, and then ${told}`);
    assert.notEqual(outcome, sent.isBad ? "sent" : "refused", `${body}: ${told}`);
    sent.outcome = outcome;
    if (seqs === undefined) return;
    assert.deepEqual(seqs, sent.seqs ?? seqs, `${body} has one seq for each recipient`);
    sent.seqs = seqs;
  }

  #delivered(seq: number, text: string, isMine: boolean): void {
    const { device, got } = this;
    if (isMine) {
      const body = text.slice(text.indexOf(" ") + 1);
      assert.equal(this.#byBody.get(body)?.isBad, false, `${device} did not send ${text}`);
    } else if (seq > (got.at(-1)?.seq ?? 0)) {
      // All that it may have to be given again was, up to the last.
      const given = this.#next ?? got.length;
      assert.equal(
        given,
        got.length,
        `${device} was given ${seq}, and not ${got[given]?.seq} again`,
      );
      if (this.#next === undefined) this.#mayBegin(got.length, seq);
      got.push({ seq, text });
      this.#next = got.length;
    } else {
      if (this.#next === undefined) {
        this.#next = got.findIndex((one) => one.seq === seq);
        assert.ok(
          seq > this.#confirmed,
          `${device} has confirmed ${this.#confirmed}, and gets ${seq}`,
        );
        this.#mayBegin(this.#next, seq);
      }
      assert.deepEqual(got[this.#next], { seq, text }, `${device} is given something twice`);
      this.#next += 1;
    }
    this.#since += 1;
    if (this.#since >= this.#habit) this.#confirm(seq);
  }

  /** What lies before where a run begins was confirmed, or at least asked to be. */
  #mayBegin(index: number, seq: number): void {
    const before = this.got[index - 1]?.seq ?? 0;
    const text = `${this.device} begins at ${seq}, and has asked to confirm ${this.#asked}, not ${before}`;
    assert.ok(before <= this.#asked, text);
  }

  #confirm(seq: number): void {
    this.#since = 0;
    this.#asked = Math.max(this.#asked, seq);
    this.#run?.do({ do: "confirm", seq });
  }
}

/** Longer than a frame may be, in characters. */
export const TOO_LONG = 70_000;

/** Whether nobody may get it: there is no such room, or it is no body. */
export function mustBeRefused(to: readonly string[], body: string): boolean {
  return to.includes("#nowhere") || body.includes("\u0007") || body.length > TOO_LONG;
}

function outcomeOf(told: string): "sent" | "refused" | "gone" | "perhaps" {
  if (told === "sent") return "sent";
  if (told === "outcome-unknown") return "perhaps";
  return told === "aborted" || told === "store" ? "gone" : "refused";
}
