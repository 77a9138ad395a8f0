// What every log must do with accounts: decide alike about each change, and keep what was decided.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseName } from "../../protocol/name.ts";
import { parseRoom, type RoomAction } from "../../protocol/room.ts";
import { type AccountChange, type AllAccounts, MOST_SESSIONS } from "../accounts.ts";
import type { Log } from "../log.ts";
import type { RoomRequest } from "../rooms.ts";
import {
  AMPLE,
  type Appender,
  inPlace,
  login,
  type LogPlace,
  send,
  withLogAt,
} from "./appender.ts";

const ALICE = parseName("alice");

function make(name = "alice", more: { mayTakeOver?: boolean; invite?: string } = {}) {
  const { mayTakeOver = false, ...rest } = more;
  const at = 1000;
  return {
    kind: "make",
    name: parseName(name),
    password: "first",
    mayTakeOver,
    at,
    ...rest,
  } as const;
}

function token(hash: string, more: { label?: string; at?: number } = {}): AccountChange {
  const { label = "", at = 1000 } = more;
  return { kind: "token", name: ALICE, label, hash, isSession: label === "", at };
}

/** What became of each change: a code, or that it was done. */
async function change(appender: Appender, ...accounts: AccountChange[]): Promise<string[]> {
  const commit = await appender.append({ accounts });
  return commit.accounts.map((refusal) => refusal?.code ?? "done");
}

async function hashes(log: Log): Promise<string[]> {
  return (await log.accounts()).tokens.map(({ hash }) => hash).toSorted();
}

export function accountConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: accounts`, () => {
    it("keeps an account and its tokens when it is opened again", () =>
      inPlace(place(), async (open) => {
        const appender = await open();
        await change(appender, make(), token("s", { at: 5 }), token("t", { label: "ci", at: 6 }));
        await change(
          appender,
          { kind: "invite", hash: "i", at: 7 },
          { kind: "used", hash: "s", at: 8 },
        );
        const { log: again } = await open();
        const expected: AllAccounts = {
          accounts: [{ key: "alice", shown: "alice", password: "first", made: 1000 }],
          tokens: [
            { key: "alice", label: "", hash: "s", isSession: true, made: 5, used: 8 },
            { key: "alice", label: "ci", hash: "t", isSession: false, made: 6, used: 6 },
          ],
          invites: ["i"],
        };
        assert.deepEqual(await again.accounts(), expected);
      }));

    it(
      "makes an account once, also within one batch",
      withLog(async (appender) => {
        const second = { ...make(), password: "second" };
        assert.deepEqual(await change(appender, make(), second), ["done", "already-registered"]);
        assert.deepEqual(await change(appender, second), ["already-registered"]);
        assert.equal((await appender.log.accounts()).accounts[0]?.password, "first");
      }),
    );

    it(
      "makes no account of a name that was used, unless its holder asks",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice"), sends: [send("alice", ["bob"], "hi")] });
        assert.deepEqual(await change(appender, make("bob")), ["name-used"]);
        assert.deepEqual(await change(appender, make("alice")), ["name-used"]);
        assert.deepEqual(await change(appender, make("alice", { mayTakeOver: true })), ["done"]);
      }),
    );

    // Whoever was blocked, invited or banned had a row among the names, and was "used before" for good:
    // where open names are off nobody could ever hold the name, and it could never become an account.
    it(
      "makes an account of a name that others spoke of, and that has nothing itself",
      withLog(async (appender) => {
        const [alice, room] = [ALICE, parseRoom("#ops")];
        const ask = (action: RoomAction, name?: string): RoomRequest => {
          const whom = name === undefined ? {} : { name: parseName(name) };
          return { action, room, by: alice, at: 1, before: 0, ...whom };
        };
        await appender.append({
          logins: login("alice"),
          blockings: [true, false].map((on) => ({
            name: alice,
            other: parseName("bob"),
            on,
            at: 1,
          })),
          requests: [ask("join"), ask("invite", "carol"), ask("ban", "dave")],
        });
        const made = await change(appender, make("bob"), make("Carol"), make("dave"));
        assert.deepEqual(made, ["done", "done", "done"]);
        const { accounts } = await appender.log.accounts();
        assert.deepEqual(accounts.map(({ shown }) => shown).toSorted(), ["Carol", "bob", "dave"]);
      }),
    );

    it(
      "makes an account of a released name again when nothing is stored under it",
      withLog(async (appender) => {
        const renew = async (name: string): Promise<string | undefined> => {
          const whose = { name: parseName(name) };
          await change(appender, make(name), { kind: "remove", ...whose, at: 9 });
          return (await change(appender, { kind: "release", ...whose }, make(name))).at(-1);
        };
        assert.equal(await renew("alice"), "done");
        const room = parseRoom("#ops");
        const by = parseName("bob");
        const join = { action: "join", room, by, at: 1, before: 0 } as const;
        await change(appender, make("bob"), make("carol"), make("dave"), make("erin"));
        await appender.append({
          sends: [send("dave", ["carol"], "hi")],
          requests: [join],
          blockings: [{ name: parseName("erin"), other: ALICE, on: true, at: 1 }],
        });
        for (const name of ["bob", "carol", "dave", "erin"]) {
          assert.equal(await renew(name), "name-used", name);
          assert.deepEqual(await change(appender, make(name, { mayTakeOver: true })), ["done"]);
        }
      }),
    );

    it(
      "forgets the tokens of an account that gets another password",
      withLog(async (appender) => {
        await change(appender, make(), token("s"), token("t", { label: "ci" }));
        const password = { kind: "password", name: ALICE, password: "second" } as const;
        assert.deepEqual(await change(appender, password, token("later")), ["done", "done"]);
        assert.deepEqual(await hashes(appender.log), ["later"]);
        assert.equal((await appender.log.accounts()).accounts[0]?.password, "second");
        const late = { ...password, password: "third", old: "first" };
        assert.deepEqual(await change(appender, late), ["wrong-password"]);
        assert.deepEqual(await change(appender, { ...late, old: "second" }), ["done"]);
        const nobody = { ...password, name: parseName("bob") };
        assert.deepEqual(await change(appender, nobody), ["no-such-account"]);
      }),
    );

    it(
      "retires the name of a removed account until it is released, and takes nothing for it",
      withLog(async (appender) => {
        await change(appender, make(), token("s"));
        assert.deepEqual(await change(appender, { kind: "remove", name: ALICE, at: 9 }), ["done"]);
        assert.deepEqual((await appender.log.accounts()).accounts, [
          { key: "alice", shown: "alice", password: "", made: 1000, removed: 9 },
        ]);
        assert.deepEqual(await hashes(appender.log), []);
        const { refused } = await appender.append({ sends: [send("bob", ["alice"], "hi")] });
        assert.deepEqual(
          refused.map(({ code }) => code),
          ["no-such-name"],
        );
        const takeOver = make("alice", { mayTakeOver: true });
        assert.deepEqual(await change(appender, takeOver, token("x")), [
          "name-retired",
          "no-such-account",
        ]);
        const release = { kind: "release", name: ALICE } as const;
        assert.deepEqual(await change(appender, release, release), ["done", "no-such-account"]);
        assert.deepEqual((await appender.log.accounts()).accounts, []);
        assert.deepEqual(
          (await appender.append({ sends: [send("bob", ["alice"], "hi")] })).refused,
          [],
        );
      }),
    );

    it(
      "takes an invitation once, and keeps it for who is refused for another reason",
      withLog(async (appender) => {
        await change(appender, { kind: "invite", hash: "i", at: 1 });
        await appender.append({ logins: login("bob") });
        assert.deepEqual(
          await change(
            appender,
            make("alice", { invite: "nonsense" }),
            make("bob", { invite: "i" }),
            make("alice", { invite: "i" }),
            make("carol", { invite: "i" }),
          ),
          ["bad-invite", "name-used", "done", "bad-invite"],
        );
      }),
    );

    it(
      "has one token a label, and says of which there is none",
      withLog(async (appender) => {
        const [one, two] = [token("1", { label: "ci" }), token("2", { label: "ci" })];
        await change(appender, make(), one, two, token("3", { label: "cd" }));
        assert.deepEqual(await hashes(appender.log), ["2", "3"]);
        const revoke = { kind: "revoke", name: ALICE, label: "ci" } as const;
        assert.deepEqual(await change(appender, revoke, revoke), ["done", "no-such-token"]);
        assert.deepEqual(await hashes(appender.log), ["3"]);
      }),
    );

    it(
      "lets the session go that is unused the longest when there are too many",
      withLog(async (appender) => {
        const sessions = Array.from({ length: MOST_SESSIONS }, (_, i) =>
          token(`s${i}`, { at: 1000 + i }),
        );
        await change(appender, make(), token("bot", { label: "ci", at: 1 }), ...sessions);
        await change(appender, { kind: "used", hash: "s0", at: 5000 }, token("new", { at: 5001 }));
        const left = await hashes(appender.log);
        assert.equal(left.length, MOST_SESSIONS + 1);
        for (const hash of ["bot", "new", "s0"]) assert.ok(left.includes(hash), hash);
        assert.ok(!left.includes("s1"));
      }),
    );

    it(
      "forgets sessions that were not used, and no token of a bot",
      withLog(async (appender) => {
        const bot = token("bot", { label: "ci", at: 1 });
        await change(appender, make(), bot, token("old", { at: 1 }), token("new", { at: 10 }));
        await change(appender, { kind: "expire", before: 10 });
        assert.deepEqual(await hashes(appender.log), ["bot", "new"]);
      }),
    );

    it(
      "with accounts alone, takes messages for nobody else",
      withLog(async (appender) => {
        await appender.append({ logins: login("bob"), accounts: [make()] });
        const limits = { ...AMPLE, accountsOnly: true };
        const sends = ["alice", "bob", "nobody"].map((to) => send("alice", [to], "hi"));
        const { refused } = await appender.append({ sends, limits });
        assert.deepEqual(
          refused.map(({ send: index, code }) => [index, code]),
          [
            [1, "no-such-name"],
            [2, "no-such-name"],
          ],
        );
      }),
    );
  });
}
