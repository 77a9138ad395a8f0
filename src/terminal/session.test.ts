// Between the line and the model: whatever a server says, nothing of it that a terminal would obey is told on.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery, Line, LineEvents } from "../client/index.ts";
import type { Happening } from "./happening.ts";
import { Session } from "./session.ts";

const EVIL = "\u001B]0;title\u0007\u001B[2Jx\u202Ey\u009B31m";

/** A line to a server that takes control characters, as ours does not. */
class EvilLine {
  readonly name = `alice${EVIL}`;
  readonly state: LineEvents["state"] = { kind: "online", since: 0 };
  readonly opened = Promise.resolve();
  readonly unsent = [{ id: 1, to: [`bob${EVIL}`], body: EVIL, at: 0, isTransmitted: false }];
  readonly refused = [{ ...this.unsent[0], id: 2, code: "no-such-room", text: EVIL }];
  readonly confirmed: number[] = [];
  readonly #listeners = new Map<string, (event: never) => void>();

  on(event: string, listener: (event: never) => void): () => void {
    this.#listeners.set(event, listener);
    return () => {};
  }

  emit<E extends keyof LineEvents>(event: E, value: LineEvents[E]): void {
    this.#listeners.get(event)?.(value as never);
  }

  confirm(seq: number): Promise<void> {
    this.confirmed.push(seq);
    return Promise.resolve();
  }

  async *deliveries(): AsyncGenerator<Delivery> {
    const rest = { at: 0, isReplayed: false } as const;
    const own = { isOwn: false };
    await Promise.resolve();
    yield { kind: "message", seq: 1, from: `bob${EVIL}`, to: "alice", body: EVIL, ...rest, ...own };
    yield { kind: "message", seq: 2, from: "bob", to: `#ops${EVIL}`, body: EVIL, ...rest, ...own };
    for (const kind of ["join", "leave", "kick", "topic"] as const) {
      yield { kind, seq: 3, room: `#ops${EVIL}`, name: EVIL, by: EVIL, text: EVIL, ...rest };
    }
  }

  conversations(): Promise<object[]> {
    return Promise.resolve([{ with: `bob${EVIL}`, read: 0, unread: 0 }]);
  }

  rooms(): Promise<object[]> {
    return Promise.resolve([{ room: `#ops${EVIL}`, topic: EVIL, isMember: true }]);
  }

  members(): Promise<object[]> {
    return Promise.resolve([{ name: EVIL, standing: "owner" }]);
  }

  who(): Promise<string[]> {
    return Promise.resolve([EVIL]);
  }
}

function tell(): { line: EvilLine; session: Session; told: Happening[] } {
  const line = new EvilLine();
  const told: Happening[] = [];
  const session = new Session(line as unknown as Line, (happened) => told.push(happened));
  return { line, session, told };
}

test("everything that a server says is made clean", async () => {
  const { line, session, told } = tell();
  await session.start();
  line.emit("read", { with: EVIL, seq: 1 });
  line.emit("typing", { from: EVIL, to: EVIL });
  line.emit("invited", { room: EVIL, by: EVIL });
  line.emit("state", { kind: "reconnecting", since: 0, at: 0, why: EVIL });
  await session.deliver();
  const answers = [await session.who("#ops"), await session.who(undefined)];
  const kinds = new Set(told.map(({ kind }) => kind));
  for (const kind of [
    "connection",
    "welcomed",
    "sending",
    "refused",
    "entry",
    "conversations",
    "read",
  ]) {
    assert.ok(kinds.has(kind as Happening["kind"]), kind);
  }
  const text = JSON.stringify([told, answers]);
  assert.doesNotMatch(text, /\\u00|\\b|\u202E|[\u0000-\u001F\u007F-\u009F]/);
});

test("what came together is confirmed together, up to the last", async () => {
  const { line, session } = tell();
  await session.start();
  await session.deliver();
  await new Promise(setImmediate);
  assert.deepEqual(line.confirmed, [3]);
});

test("a message to oneself and one from another device stand where they were sent to", async () => {
  const { line, session, told } = tell();
  const rest = { at: 0, isReplayed: false, kind: "message", isOwn: true } as const;
  line.deliveries = async function* () {
    await Promise.resolve();
    yield { seq: 1, from: "alice", to: "bob", body: "hi", ...rest };
    yield { seq: 2, from: "alice", to: "alice", body: "note", ...rest };
  };
  await session.deliver();
  const places = told.map((one) => (one.kind === "entry" ? one.with : one.kind));
  assert.deepEqual(places, ["bob", "alice"]);
});
