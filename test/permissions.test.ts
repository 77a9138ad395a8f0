// Who may do what in a room: every cell of the tables in docs/protocol.md, tried.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Frame, JsonClient } from "./harness/json-client.ts";
import { TestServer } from "./harness/server.ts";

const ROLES = ["stranger", "invited", "former", "banned", "member", "moderator", "owner"] as const;
type Role = (typeof ROLES)[number];

/** What each row of the tables asks. */
const REQUESTS: Readonly<Record<string, (room: string) => object>> = {
  join: (room) => ({ join: room }),
  leave: (room) => ({ leave: room }),
  history: (room) => ({ history: room }),
  who: (room) => ({ who: room }),
  topic: (room) => ({ topic: room, text: "x" }),
  invite: (room) => ({ invite: "somebody", room }),
  "kick a member": (room) => ({ kick: "other-member", room }),
  "kick a moderator": (room) => ({ kick: "other-moderator", room }),
  "kick the owner": (room) => ({ kick: "owner", room }),
  "ban a stranger": (room) => ({ ban: "somebody", room, on: true }),
  "lift a ban": (room) => ({ ban: "other-banned", room, on: false }),
  "make it private": (room) => ({ private: room, on: true }),
  "make a moderator": (room) => ({ moderator: "other-member", room, on: true }),
};

/** The two tables: of each request and role, what happens. */
function tables(): [string, Map<string, Map<Role, string>>][] {
  const text = readFileSync(resolve(import.meta.dirname, "../docs/protocol.md"), "utf8");
  return (["public", "private"] as const).map((kind) => {
    const [, table = ""] = text.split(`In a ${kind} room:\n\n`);
    const lines = table.split("\n\n", 1)[0]?.split("\n").slice(2) ?? [];
    const rows = lines.map((line) => {
      const [request = "", ...cells] = line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim());
      return [request, new Map(ROLES.map((role, i) => [role, cells[i] ?? ""]))] as const;
    });
    return [kind, new Map(rows)];
  });
}

/** A client whose requests are answered one by one. */
class Asker {
  readonly client: JsonClient;
  #asked = 0;

  constructor(client: JsonClient) {
    this.client = client;
  }

  /** @returns `yes`, or the code of the refusal */
  async ask(request: object): Promise<string> {
    const id = ++this.#asked;
    this.client.frames = [];
    this.client.say({ ...request, id });
    const isAnswer = (frame: Frame): boolean =>
      Object.values(frame).some((answer) => (answer as { id?: number }).id === id);
    await this.client.until(() => this.client.frames.some(isAnswer), JSON.stringify(request));
    return this.client.frames.find(isAnswer)?.error?.code ?? "yes";
  }

  async send(room: string): Promise<string> {
    this.client.frames = [];
    this.client.send([room], "hi");
    await this.client.until(() => this.client.frames.some(isOutcome), "the send's outcome");
    return this.client.frames.find(isOutcome)?.refused?.code ?? "yes";
  }

  async must(request: object): Promise<void> {
    const { name } = this.client;
    assert.equal(await this.ask(request), "yes", `${name} ${JSON.stringify(request)}`);
  }
}

function isOutcome({ accepted, refused }: Frame): boolean {
  return accepted !== undefined || refused !== undefined;
}

describe("permissions", () => {
  const ends: (() => void)[] = [];
  const scope = { after: (end: () => void): void => void ends.push(end) };
  const people = new Map<string, Asker>();
  let rooms = 0;

  before(async () => {
    const server = await TestServer.start(scope, { args: ["--durability", "process"] });
    for (const name of [...ROLES, "other-member", "other-moderator", "other-banned"]) {
      const client = new JsonClient(name);
      client.connect(scope, server.port);
      await client.until(() => client.isWelcome, "welcome");
      people.set(name, new Asker(client));
    }
  });
  after(() => ends.forEach((end) => end()));

  const as = (name: string): Asker => people.get(name) ?? assert.fail(name);

  /** A room in which everybody stands as his name says. */
  async function prepare(isPrivate: boolean): Promise<string> {
    const room = `#room${++rooms}`;
    const joining = ["owner", "former", "banned", "member", "moderator"];
    for (const name of [...joining, "other-member", "other-moderator", "other-banned"]) {
      await as(name).must({ join: room });
    }
    const owner = as("owner");
    await owner.must({ moderator: "moderator", room, on: true });
    await owner.must({ moderator: "other-moderator", room, on: true });
    await owner.must({ ban: "banned", room, on: true });
    await owner.must({ ban: "other-banned", room, on: true });
    await as("former").must({ leave: room });
    await owner.must({ invite: "invited", room });
    if (isPrivate) await owner.must({ private: room, on: true });
    return room;
  }

  for (const [kind, table] of tables()) {
    test(`the table of the ${kind} room has a row for every request`, () => {
      assert.deepEqual([...table.keys()].toSorted(), ["send", ...Object.keys(REQUESTS)].toSorted());
    });
    for (const [request, cells] of table) {
      for (const [role, expected] of cells) {
        test(`${request} in a ${kind} room, ${role}: ${expected}`, async () => {
          const room = await prepare(kind === "private");
          const said =
            request === "send"
              ? as(role).send(room)
              : as(role).ask(REQUESTS[request]?.(room) ?? {});
          assert.equal(await said, expected);
        });
      }
    }
  }
});
