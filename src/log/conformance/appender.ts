// For the tests of every log: an open one, fed one batch at a time, with what its feed brought.

import assert from "node:assert/strict";
import { packBodies, unpackBodies } from "../../protocol/bodies.ts";
import { parseName } from "../../protocol/name.ts";
import { parseRecipient } from "../../protocol/room.ts";
import type { Batch, Limits, Send } from "../batch.ts";
import type { Commit } from "../commit.ts";
import type { Log } from "../log.ts";
import type { Delivery, Run } from "../run.ts";

/** A place where a log can be opened again and again. */
export interface LogPlace {
  open(): Promise<Log> | Log;
  /**
   * Copies the log, as a person would who copies its files while it is closed, or as a snapshot of the disk does.
   * @returns puts the copy back, in the same way
   */
  copy(): () => void;
  remove(): void;
}

export interface Message {
  readonly seq: number;
  readonly from: string;
  readonly to: string;
  readonly body: string;
}

export const AMPLE: Limits = {
  waitingMessages: 1e6,
  waitingBytes: 2 ** 32,
  unseenNames: 1e4,
  rooms: 1e4,
  joinedRooms: 1e3,
  roomMembers: 1e4,
  accountsOnly: false,
};
export const ALL = Number.MAX_SAFE_INTEGER;

export function send(from: string, to: string[], ...bodies: string[]): Send {
  return {
    from: parseName(from),
    to: to.map(parseRecipient),
    bodies: packBodies(bodies),
    count: bodies.length,
    at: 1_795_412_345_678,
  };
}

export function batch(parts: Partial<Batch>): Batch {
  return { sends: [], logins: [], cursors: new Map(), limits: AMPLE, ...parts };
}

export function login(...names: string[]): Batch["logins"] {
  return names.map((name) => ({ name: parseName(name), at: 1 }));
}

/** The messages of runs, one by one. */
export function messagesOf(deliveries: readonly Delivery[]): Message[] {
  const runs = deliveries.filter((delivery): delivery is Run => !("kind" in delivery));
  return runs.flatMap((run) =>
    unpackBodies(run.bodies).map((body, i) => ({
      seq: run.first + i * run.step,
      from: run.from,
      to: run.to,
      body,
    })),
  );
}

/** An open log, one batch at a time, with everything that its feed brought. */
export class Appender {
  readonly log: Log;
  readonly commits: Commit[] = [];
  #next: ((commit: Commit) => void) | undefined;

  constructor(log: Log) {
    this.log = log;
    log.follow({
      committed: (commit) => {
        this.commits.push(commit);
        this.#next?.(commit);
      },
      unavailable: () => {},
      available: () => {},
    });
  }

  append(parts: Partial<Batch>): Promise<Commit> {
    return new Promise((resolve) => {
      this.#next = resolve;
      this.log.append(batch(parts));
    });
  }

  async waiting(name: string, after: number, upTo: number, maxBytes = ALL): Promise<Message[]> {
    const page = await this.log.waiting(parseName(name).key, after, upTo, maxBytes, false);
    assert.equal(page.position, upTo);
    return messagesOf(page.deliveries);
  }

  async history(
    name: string,
    other: string,
    upTo: number,
    count: number,
    maxBytes = ALL,
  ): Promise<Message[]> {
    const query = { key: name, other, upTo, count, maxBytes, everything: false };
    const { deliveries } = await this.log.history(query);
    return messagesOf(deliveries);
  }
}

/** Opens the log of a test, or opens it again: the one before is closed. */
export type OpenLog = () => Promise<Appender>;

/** Runs a test with a place of its own. However it ends, no log is left open, whose threads would go on for ever. */
export async function inPlace(
  where: LogPlace,
  test: (open: OpenLog) => Promise<void>,
): Promise<void> {
  let log: Log | undefined;
  const close = async (): Promise<void> => {
    const last = log;
    log = undefined;
    await last?.close();
  };
  try {
    await test(async () => {
      await close();
      log = await where.open();
      return new Appender(log);
    });
  } finally {
    await close();
    where.remove();
  }
}

/** Runs a test with a log of its own. */
export function withLogAt(
  place: () => LogPlace,
  test: (appender: Appender) => Promise<void>,
): () => Promise<void> {
  return () => inPlace(place(), async (open) => test(await open()));
}
