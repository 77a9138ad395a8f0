// What somebody may do to another: every cell of the table "Between two people" in docs/protocol.md, tried.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Asker } from "./harness/asker.ts";
import { TestServer } from "./harness/server.ts";
import { cellsAfter } from "./harness/tables.ts";

const ROLES = ["stranger", "talked before", "blocked"];

interface Two {
  readonly asker: Asker;
  readonly other: Asker;
  /** As the other is called. */
  readonly name: string;
  /** Of the last that was said between them; 0 for strangers. */
  readonly seq: number;
}

/** Does what a row of the table asks, and says what came of it. */
type Request = (two: Two) => Promise<string>;

const WORD = "sesame";

const REQUESTS: Readonly<Record<string, Request>> = {
  send: ({ asker, name }) => asker.send([name]),
  "send to him and another": async ({ asker, name }) => {
    const own = asker.client.name;
    const said = await asker.send([own, name]);
    const { history } = await asker.answer({ history: own });
    assert.equal(history?.messages.length, said === "yes" ? 1 : 0, "all or nothing");
    return said;
  },
  history: async ({ asker, name }) => {
    const { history } = await asker.answer({ history: name });
    return history === undefined || history.messages.length === 0 ? "nothing" : "yes";
  },
  search: ({ asker, name, seq }) => asker.finds(WORD, name, seq),
  read: ({ asker, name, seq }) => asker.marks(name, seq),
  who: async ({ asker, name }) => {
    const { who } = await asker.answer({ who: true });
    return who?.names?.includes(name) === true ? "yes" : "nothing";
  },
  typing: ({ asker, other, name }) => asker.types(name, other),
  presence: ({ asker, other }) => asker.sees(other),
  invite: async ({ asker, other, name }) => {
    const room = `#of-${asker.client.name}`;
    await asker.must({ join: room });
    await asker.must({ private: room, on: true });
    const { frames } = other.client;
    const said = await asker.ask({ invite: name, room });
    const { rooms } = await other.answer({ rooms: true });
    const isListed = rooms?.rooms.some((one) => one.room === room);
    assert.equal(isListed, said === "yes", "the invitation holds, or there is none");
    // It was told before that answer, which may be before the question.
    const isTold = [...frames, ...other.client.frames].some(
      ({ invited }) => invited?.room === room,
    );
    assert.equal(isTold, said === "yes");
    return said;
  },
};

describe("between two people", () => {
  const ends: (() => void)[] = [];
  const scope = { after: (end: () => void): void => void ends.push(end) };
  let port = 0;
  let pairs = 0;

  before(async () => {
    ({ port } = await TestServer.start(scope, { args: ["--durability", "process"] }));
  });
  after(() => ends.forEach((end) => end()));

  async function prepare(role: string): Promise<Two> {
    pairs += 1;
    const name = `alice${pairs}`;
    const asker = await Asker.logIn(scope, port, `bob${pairs}`);
    const other = await Asker.logIn(scope, port, name);
    // Who is still reading what waited for him is told nothing of what goes beside it.
    await other.must({ conversations: true });
    if (role === "stranger") return { asker, other, name, seq: 0 };
    const seq = await asker.mustSend(name, WORD);
    if (role === "blocked") await other.must({ block: asker.client.name, on: true });
    return { asker, other, name, seq };
  }

  const cells = cellsAfter("### Between two people");
  test("the table has a cell for every request and role", () => {
    assert.deepEqual(
      cells.map(({ request, role }) => `${request}, ${role}`).toSorted(),
      Object.keys(REQUESTS)
        .flatMap((request) => ROLES.map((role) => `${request}, ${role}`))
        .toSorted(),
    );
  });
  for (const { request, role, expected } of cells) {
    test(`${request}, ${role}: ${expected}`, async () => {
      assert.equal(await REQUESTS[request]?.(await prepare(role)), expected);
    });
  }
});
