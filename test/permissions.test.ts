// Who may do what in a room: every cell of the tables in docs/protocol.md, tried.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { Asker } from "./harness/asker.ts";
import { TestServer } from "./harness/server.ts";
import { cellsAfter } from "./harness/tables.ts";

const ROLES = ["stranger", "invited", "former", "banned", "member", "moderator", "owner"] as const;
const OTHERS = ["other-member", "other-moderator", "other-banned"] as const;

/** A room in which everybody stands as his name says. */
interface Room {
  readonly room: string;
  /** Of what was said when all who were ever in it were there. */
  readonly seq: number;
  readonly word: string;
  /** Somebody in the room who is in no other. */
  readonly witness: Asker;
}

/** Does what a row of the tables asks, and says what came of it. */
type Request = (asker: Asker, where: Room) => Promise<string>;

function frame(of: (room: string) => object): Request {
  return (asker, { room }) => asker.ask(of(room));
}

const REQUESTS: Readonly<Record<string, Request>> = {
  join: frame((room) => ({ join: room })),
  leave: frame((room) => ({ leave: room })),
  send: (asker, { room }) => asker.send([room]),
  history: frame((room) => ({ history: room })),
  search: (asker, { room, word, seq }) => asker.finds(word, room, seq),
  read: (asker, { room, seq }) => asker.marks(room, seq),
  rooms: async (asker, { room }) => {
    const { rooms } = await asker.answer({ rooms: true });
    return rooms?.rooms.some((one) => one.room === room) === true ? "yes" : "nothing";
  },
  typing: (asker, { room, witness }) => asker.types(room, witness),
  presence: (asker, { witness }) => asker.sees(witness),
  who: frame((room) => ({ who: room })),
  topic: frame((room) => ({ topic: room, text: "x" })),
  invite: frame((room) => ({ invite: "somebody", room })),
  "kick a member": frame((room) => ({ kick: "other-member", room })),
  "kick a moderator": frame((room) => ({ kick: "other-moderator", room })),
  "kick the owner": frame((room) => ({ kick: "owner", room })),
  "ban a stranger": frame((room) => ({ ban: "somebody", room, on: true })),
  "lift a ban": frame((room) => ({ ban: "other-banned", room, on: false })),
  "make it private": frame((room) => ({ private: room, on: true })),
  "make a moderator": frame((room) => ({ moderator: "other-member", room, on: true })),
};

describe("permissions in rooms", () => {
  const ends: (() => void)[] = [];
  const scope = { after: (end: () => void): void => void ends.push(end) };
  const people = new Map<string, Asker>();
  let port = 0;
  let rooms = 0;

  before(async () => {
    ({ port } = await TestServer.start(scope, { args: ["--durability", "process"] }));
    for (const name of [...ROLES, ...OTHERS])
      people.set(name, await Asker.logIn(scope, port, name));
  });
  after(() => ends.forEach((end) => end()));

  const as = (name: string): Asker => people.get(name) ?? assert.fail(name);

  async function prepare(isPrivate: boolean): Promise<Room> {
    const room = `#room${++rooms}`;
    const owner = as("owner");
    const witness = await Asker.logIn(scope, port, `witness${rooms}`);
    for (const name of ["owner", "former", "banned", "member", "moderator", ...OTHERS]) {
      await as(name).must({ join: room });
    }
    await witness.must({ join: room });
    const word = `word${rooms}`;
    const seq = await owner.mustSend(room, word);
    await owner.must({ moderator: "moderator", room, on: true });
    await owner.must({ moderator: "other-moderator", room, on: true });
    await owner.must({ ban: "banned", room, on: true });
    await owner.must({ ban: "other-banned", room, on: true });
    await as("former").must({ leave: room });
    await owner.must({ invite: "invited", room });
    if (isPrivate) await owner.must({ private: room, on: true });
    return { room, seq, word, witness };
  }

  for (const kind of ["public", "private"]) {
    const cells = cellsAfter(`In a ${kind} room:`);
    test(`the table of the ${kind} room has a cell for every request and role`, () => {
      assert.deepEqual(
        cells.map(({ request, role }) => `${request}, ${role}`).toSorted(),
        Object.keys(REQUESTS)
          .flatMap((request) => ROLES.map((role) => `${request}, ${role}`))
          .toSorted(),
      );
    });
    for (const { request, role, expected } of cells) {
      test(`${request} in a ${kind} room, ${role}: ${expected}`, async () => {
        const where = await prepare(kind === "private");
        assert.equal(await REQUESTS[request]?.(as(role), where), expected);
        where.witness.client.cut();
      });
    }
  }
});
