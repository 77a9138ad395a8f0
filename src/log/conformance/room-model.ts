// What people and rooms do in any order, and what everybody must be given of it, as plain lists.

import * as fc from "fast-check";
import { parseName } from "../../protocol/name.ts";
import { isRoom, parseRoom, type RoomAction } from "../../protocol/room.ts";
import type { Retention, Send } from "../batch.ts";
import type { Log } from "../log.ts";
import type { Delivery } from "../run.ts";
import type { RoomRequest } from "../rooms.ts";
import { type Appender, inPlace, login, type LogPlace, type OpenLog, send } from "./appender.ts";

export const WHO = ["alice", "bob", "carol"] as const;
export const ROOMS = ["#ops", "#dev"] as const;

const AT = 1_795_412_345_678;

export function request(
  by: string,
  action: RoomAction,
  more: { name?: string; text?: string; before?: number; room?: string; at?: number } = {},
): RoomRequest {
  const { name, text, before = 0, room = "#ops", at = AT } = more;
  return {
    action,
    by: parseName(by),
    room: parseRoom(room),
    at,
    before,
    ...(name === undefined ? {} : { name: parseName(name) }),
    ...(text === undefined ? {} : { text }),
  };
}

/** What is given, in short: `2 join alice`, `3 alice>#ops hi`. */
export function inShort(delivery: Delivery): string[] {
  if ("kind" in delivery) {
    const { seq, kind, name, text } = delivery;
    return [[seq, kind, name, text].join(" ").trim()];
  }
  const { first, step, from, to, bodies } = delivery;
  return bodies.split("\u001e").map((body, i) => `${first + i * step} ${from}>${to} ${body}`);
}

export type Step =
  | { readonly do: "send"; readonly from: string; readonly to: string[]; readonly count: number }
  | { readonly do: "join" | "leave" | "topic"; readonly by: string; readonly room: string }
  /** A name confirms a part of what is committed. */
  | { readonly do: "confirm"; readonly by: string; readonly part: number }
  /** Removes the older part, or all that may be removed. */
  | { readonly do: "retain"; readonly part: number; readonly unconfirmed: boolean }
  | { readonly do: "commit" }
  | { readonly do: "reopen" };

const anyWho = fc.constantFrom(...WHO);
const anyRoom = fc.constantFrom(...ROOMS);

export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      from: anyWho,
      to: fc.uniqueArray(fc.constantFrom(...WHO, ...ROOMS, ...ROOMS), {
        minLength: 1,
        maxLength: 4,
      }),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("join" as const, "join" as const, "leave" as const, "topic" as const),
      by: anyWho,
      room: anyRoom,
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "commit" }) },
  fc.constant<Step>({ do: "reopen" }),
);

const part = fc.constantFrom(0.5, 1);
const confirm = fc.record({ do: fc.constant("confirm" as const), by: anyWho, part });
const retain = fc.record({ do: fc.constant("retain" as const), part, unconfirmed: fc.boolean() });

/** The same, and now and then, at the end in any case, what is confirmed and old is removed. */
export const stepsWithRetention: fc.Arbitrary<Step[]> = fc
  .tuple(
    fc.array(
      fc.oneof(
        { weight: 8, arbitrary: step },
        { weight: 2, arbitrary: confirm },
        { weight: 1, arbitrary: retain },
      ),
      { minLength: 5, maxLength: 30 },
    ),
    confirm,
    retain,
  )
  .map(([steps, ...end]) => [...steps, { do: "commit" }, ...end]);

/** Something that a name must be given. */
export interface Due {
  readonly seq: number;
  /** The room, or the other name. */
  readonly with: string;
  readonly isEvent: boolean;
  /** Whether it is addressed to the name itself. */
  readonly isDirect: boolean;
  /** See `inShort`. */
  readonly short: string;
}

/** Who is in which room, and what everybody must be given. */
export class Model {
  /** The one before the next. */
  seq = 0;
  /** All that were given, in order: there is a gap wherever the log was opened again. */
  readonly seqs: number[] = [];
  readonly in = new Map<string, Set<string>>(ROOMS.map((room) => [room, new Set()]));
  readonly #due = new Map<string, Due[]>(WHO.map((who) => [who, []]));

  due(who: string): readonly Due[] {
    return this.#due.get(who) ?? [];
  }

  apply(step: Step): void {
    if (step.do === "send") this.#send(step.from, step.to, step.count);
    if (step.do === "join" || step.do === "leave") this.#change(step.do, step.by, step.room);
    if (step.do === "topic" && this.#isIn(step.by, step.room)) {
      this.#happen(step.room, `topic ${step.by} t`);
    }
  }

  #send(from: string, to: string[], count: number): void {
    if (to.some((name) => isRoom(name) && !this.#isIn(from, name))) return;
    for (let i = 0; i < count; i++) for (const name of to) this.#message(from, name, i);
  }

  #message(from: string, to: string, i: number): void {
    this.#next();
    for (const who of WHO) {
      if (who !== from && who !== to && !this.#isIn(who, to)) continue;
      const other = isRoom(to) || who === from ? to : from;
      this.#due.get(who)?.push({
        seq: this.seq,
        with: other,
        isEvent: false,
        isDirect: who === to,
        short: `${this.seq} ${from}>${to} ${i}`,
      });
    }
  }

  #change(kind: "join" | "leave", by: string, room: string): void {
    if ((kind === "join") === this.#isIn(by, room)) return;
    if (kind === "join") this.in.get(room)?.add(by);
    this.#happen(room, `${kind} ${by}`);
    if (kind === "leave") this.in.get(room)?.delete(by);
  }

  #happen(room: string, what: string): void {
    this.#next();
    const event = { seq: this.seq, with: room, isEvent: true, isDirect: false };
    for (const who of this.in.get(room) ?? []) {
      this.#due.get(who)?.push({ ...event, short: `${this.seq} ${what}` });
    }
  }

  #next(): void {
    this.seq += 1;
    this.seqs.push(this.seq);
  }

  #isIn(who: string, room: string): boolean {
    return this.in.get(room)?.has(who) === true;
  }
}

/**
 * Takes the steps in a log, and then looks at it.
 * @param check is told too whether what was not confirmed may have been removed
 */
export function take(
  steps: readonly Step[],
  where: LogPlace,
  check: (appender: Appender, model: Model, mayLose: boolean) => Promise<void>,
): Promise<void> {
  return inPlace(where, (open) => takeIn(steps, open, check));
}

async function takeIn(
  steps: readonly Step[],
  open: OpenLog,
  check: (appender: Appender, model: Model, mayLose: boolean) => Promise<void>,
): Promise<void> {
  const model = new Model();
  let appender = await open();
  let sends: Send[] = [];
  let requests: RoomRequest[] = [];
  let cursors = new Map<string, number>();
  let committed = 0;
  const commit = async (): Promise<void> => {
    await appender.append({ sends, requests, cursors, logins: login(...WHO) });
    [sends, requests, cursors] = [[], [], new Map()];
    committed = model.seqs.length;
  };
  const retain = async (retention: Retention): Promise<void> => {
    while ((await appender.append({ retention })).moreToRemove);
  };
  for (const [at, one] of steps.entries()) {
    model.apply(one);
    switch (one.do) {
      case "send": {
        const bodies = Array.from({ length: one.count }, (_, i) => String(i));
        sends.push({ ...send(one.from, one.to, ...bodies), at });
        break;
      }
      case "join":
      case "leave":
      case "topic": {
        const text = one.do === "topic" ? { text: "t" } : {};
        const { room, by } = one;
        requests.push(request(by, one.do, { room, before: sends.length, at, ...text }));
        break;
      }
      case "confirm":
        cursors.set(one.by, model.seqs[Math.floor(committed * one.part) - 1] ?? 0);
        break;
      case "retain": {
        const { part, unconfirmed } = one;
        await commit();
        await retain(
          part === 1 ? { maxBytes: 1, unconfirmed } : { before: at * part, unconfirmed },
        );
        break;
      }
      case "commit":
        await commit();
        break;
      case "reopen":
        await commit();
        appender = await open();
        model.seq = appender.log.head;
    }
  }
  await commit();
  const mayLose = steps.some((one) => one.do === "retain" && one.unconfirmed);
  await check(appender, model, mayLose);
}

/** Everything that a name is given above a seq, in pages. */
export async function given(
  log: Log,
  who: string,
  after: number,
  head: number,
  pageBytes: number,
): Promise<string[]> {
  const all: string[] = [];
  for (let position = after; position < head;) {
    const page = await log.waiting(who, position, head, pageBytes, true);
    if (page.position <= position) throw new Error("a page goes on");
    all.push(...page.deliveries.flatMap(inShort));
    position = page.position;
  }
  return all;
}
