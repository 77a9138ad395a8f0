// Accounts through the port and the command: who is let in, and who is put out.

import assert from "node:assert/strict";
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { connect, type Line, LineError, memoryStore } from "../src/client/index.ts";
import { COMMAND } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import type { Guessed } from "./harness/password-guesser.ts";
import type { LineClient } from "./harness/line-client.ts";
import { play } from "./harness/play.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

const PASSWORD = "correct horse";

/** Runs `partyline user …`. @returns what it said, and its exit code */
async function user(
  data: string,
  args: readonly string[],
  input = "",
): Promise<{ code: number; out: string; errors: string }> {
  const child = spawn(process.execPath, [COMMAND, "user", ...args, "--data", data], {
    env: ENVIRONMENT,
  });
  child.stdin.end(input);
  const ended = once(child, "exit");
  const [out, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = (await ended) as [number];
  return { code, out, errors };
}

async function add(server: TestServer, name: string): Promise<void> {
  const { code, errors } = await user(server.data, ["add", name], `${PASSWORD}\n`);
  assert.equal(code, 0, errors);
}

function open(t: TestContext, server: TestServer, options: Parameters<typeof connect>[1]): Line {
  const line = connect(`partyline://127.0.0.1:${server.port}`, options);
  t.after(() => line.close());
  return line;
}

const codeOf = (code: string) => (error: unknown) =>
  error instanceof LineError && error.code === code;

/** Resolves when a line is over, with why. */
async function over(line: Line): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  line.on("state", (state) => {
    if (state.kind === "closed") resolve(state.error?.code);
  });
  return promise;
}

test("an account needs its password, in both protocols, and others keep their open names", async (t) => {
  const server = await TestServer.start(t);
  await add(server, "alice");
  const refused = /^! wrong-password /;
  assert.match((await play(server.port, "alice\n")).toString(), refused);
  assert.match((await play(server.port, "alice:wrong horse\n")).toString(), refused);
  assert.match((await play(server.port, "nobody:wrong horse\n")).toString(), refused);
  await play(server.port, "bob\nalice: hi\n");
  assert.equal((await play(server.port, `alice:${PASSWORD}\n`)).toString(), "from bob: hi\n");
  await assert.rejects(open(t, server, { name: "alice" }).who(), codeOf("wrong-password"));
  const alice = open(t, server, { name: "Alice", password: PASSWORD });
  assert.deepEqual(await alice.who(), ["alice"]);
});

test("a session needs no password, and every device gets everything, what the others send too", async (t) => {
  const server = await TestServer.start(t);
  await add(server, "alice");
  const store = memoryStore();
  const first = connect(`partyline://127.0.0.1:${server.port}`, {
    name: "alice",
    password: PASSWORD,
    store,
  });
  await first.who();
  await first.close();
  const phone = open(t, server, { name: "alice", store });
  const laptop = open(t, server, { name: "alice", password: PASSWORD });
  const onPhone = phone.messages();
  const onLaptop = laptop.messages();
  await Promise.all([phone.who(), laptop.who()]);
  await laptop.send("bob", "from the laptop");
  const bob = await server.login(t, "bob");
  await bob.expect("from alice: from the laptop");
  bob.say("alice: to both");
  const took = async (messages: typeof onPhone) => (await messages.next()).value?.body;
  assert.deepEqual([await took(onPhone), await took(onPhone)], ["from the laptop", "to both"]);
  assert.equal(await took(onLaptop), "to both");
});

test("a device that logs out ends its session, and nobody else's", async (t) => {
  // Its token was forgotten here alone: whoever had a copy of it was still let in.
  const server = await TestServer.start(t);
  await add(server, "alice");
  const store = memoryStore();
  const first = open(t, server, { name: "alice", password: PASSWORD, store });
  const others = memoryStore();
  const other = open(t, server, { name: "alice", password: PASSWORD, store: others });
  await Promise.all([first.who(), other.who()]);
  const copy = await store.open();
  await first.logOut();
  await first.close();
  await other.close();
  assert.equal((await store.open())?.token, undefined);
  const copied = memoryStore();
  await copied.write(copy ?? assert.fail("it is kept"));
  await assert.rejects(
    open(t, server, { name: "alice", store: copied }).who(),
    codeOf("token-revoked"),
  );
  await server.end("SIGKILL");
  const { data, port } = server;
  const again = await TestServer.start(t, { data, port });
  await assert.rejects(
    open(t, again, { name: "alice", store: copied }).who(),
    codeOf("token-revoked"),
  );
  assert.deepEqual(await open(t, again, { name: "alice", store: others }).who(), ["alice"]);
});

test("a token lets a bot in until it is revoked, which ends its connections", async (t) => {
  const server = await TestServer.start(t);
  await add(server, "bot");
  const { out } = await user(server.data, ["token", "bot", "ci"]);
  const token = out.trim();
  const bot = open(t, server, { name: "bot", token });
  assert.deepEqual(await bot.who(), ["bot"]);
  const listed = await user(server.data, ["list"]);
  assert.match(listed.out, /^bot, since \d{4}-\d\d-\d\d, 0 sessions\n  token ci, made /);
  const ended = over(bot);
  assert.equal((await user(server.data, ["token", "bot", "ci", "--revoke"])).code, 0);
  assert.equal(await ended, "wrong-password");
  await assert.rejects(open(t, server, { name: "bot", token }).who(), codeOf("wrong-password"));
});

test("a removed account is out, its name is nobody's, and a released one is anybody's", async (t) => {
  const server = await TestServer.start(t);
  await add(server, "alice");
  const line = await server.login(t, `alice:${PASSWORD}`);
  assert.equal((await user(server.data, ["remove", "alice"])).code, 0);
  await line.expect("! account-removed your account was removed by the operator");
  await line.end();
  assert.match((await play(server.port, "alice\n")).toString(), /^! name-retired /);
  assert.match((await play(server.port, "bob\nalice: hi\n")).toString(), /^! no-such-name /);
  const released = await user(server.data, ["release", "alice"]);
  assert.equal(
    released.out,
    "alice may be used again; whoever takes the name gets the messages, rooms and history that are stored under it\n",
  );
  assert.equal((await play(server.port, "alice\nalice: mine\n")).toString(), "from alice: mine\n");
});

// With open names off nobody can hold a name that was written to, so it could never become an account.
test("the operator may give an account what is stored under its name", async (t) => {
  const server = await TestServer.start(t);
  await play(server.port, "alice\nbob: welcome\n");
  const refused = await user(server.data, ["add", "bob"], `${PASSWORD}\n`);
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /or the operator .*partyline user add bob --take-over/);
  const added = await user(server.data, ["add", "bob", "--take-over"], `${PASSWORD}\n`);
  assert.equal(added.out, "bob is an account, and what is stored under the name is its own\n");
  const said = await play(server.port, `bob:${PASSWORD}\n`);
  assert.equal(said.toString(), "from alice: welcome\n");
});

test("a new password ends sessions, tokens and connections", async (t) => {
  const server = await TestServer.start(t);
  await add(server, "alice");
  const store = memoryStore();
  const alice = connect(`partyline://127.0.0.1:${server.port}`, {
    name: "alice",
    password: PASSWORD,
    store,
  });
  await assert.rejects(alice.setPassword("another horse", "wrong horse"), codeOf("wrong-password"));
  await alice.setPassword("another horse", PASSWORD);
  await alice.close();
  const again = open(t, server, { name: "alice", store });
  assert.deepEqual(await again.who(), ["alice"], "the device that changed it has a new session");
  const elsewhere = await server.login(t, "alice:another horse");
  assert.equal((await user(server.data, ["passwd", "alice"], "third horse\n")).code, 0);
  await elsewhere.expect("! token-revoked the password was changed: log in with it");
  await elsewhere.end();
  const third = open(t, server, { name: "alice", store });
  await assert.rejects(third.who(), codeOf("token-revoked"), "it had a session, which has ended");
});

test("who holds an open name makes it his where the operator allows it, and keeps what waits", async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  await play(server.port, "bob\nalice: hi\n");
  const said = (
    await play(server.port, `alice\n/register ${PASSWORD.replace(" ", "-")}\n`)
  ).toString();
  assert.equal(said, "from bob: hi\n* your name is an account now: log in with alice:PASSWORD\n");
  assert.match((await play(server.port, "alice\n")).toString(), /^! wrong-password /);
  assert.match(
    (await play(server.port, "carol\n/register short\n")).toString(),
    /^! bad-password /,
  );
  const { code, errors } = await user(server.data, ["add", "bob"], `${PASSWORD}\n`);
  assert.equal(code, 1);
  assert.match(errors, /was used before/);
});

test("registration by invitation takes each invitation once", async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "invite"] });
  const code = (await user(server.data, ["invite"])).out.trim();
  const register = async (name: string, invite: string): Promise<string> =>
    (await play(server.port, `${name}\n/register ${"x".repeat(8)} ${invite}\n`)).toString();
  assert.match(await register("alice", "nonsense"), /^! bad-invite /);
  assert.match(await register("alice", code), /^\* your name is an account/);
  assert.match(await register("bob", code), /^! bad-invite /);
});

// The first word alone became the password, and the second was taken for an invitation that nobody needed: whoever
// chose a sentence was shut out of his name.
test("/register refuses a password of several words, in the command and in the first line", async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const refused = /^! bad-password \/register takes a password without spaces, .*\n$/;
  for (const words of ["correcthorse battery", "correcthorse battery staple"]) {
    const register = async (lines: string): Promise<string> =>
      (await play(server.port, lines)).toString();
    assert.match(await register(`alice\n/register ${words}\n`), refused);
    assert.match(await register(`/register bob ${words}\n`), refused);
  }
  assert.equal((await play(server.port, "alice\n/who\n")).toString(), "* alice\n");
  const made = await play(server.port, "/register bob correcthorse\n/who\n");
  assert.equal(made.toString(), "* bob\n");
});

test("who is let in under no open name makes his account at the login, in both protocols", async (t) => {
  const args = ["--open-names", "off", "--registration", "invite"];
  const server = await TestServer.start(t, { args });
  const invite = async (): Promise<string> => (await user(server.data, ["invite"])).out.trim();
  const first = await invite();
  const said = (await play(server.port, `/register alice 12345678 ${first}\n/who\n`)).toString();
  assert.equal(said, "* alice\n");
  assert.equal((await play(server.port, "alice:12345678\n/who\n")).toString(), "* alice\n");
  const again = await play(server.port, `/register bob 12345678 ${first}\n`);
  assert.match(again.toString(), /^! bad-invite /);
  const register = { password: PASSWORD, register: true } as const;
  const bob = open(t, server, { name: "bob", ...register, invite: await invite() });
  assert.deepEqual(await bob.who(), ["bob"]);
  const carol = open(t, server, { name: "carol", ...register });
  await assert.rejects(carol.who(), codeOf("bad-invite"));
});

test("where registration is closed, it says who makes accounts", async (t) => {
  const server = await TestServer.start(t);
  const said = (await play(server.port, "alice\n/register 12345678\n")).toString();
  assert.equal(
    said,
    "! registration-closed accounts are made by the operator: partyline user add\n",
  );
});

test("with open names off only accounts are let in, and written to", async (t) => {
  const server = await TestServer.start(t, { args: ["--open-names", "off"] });
  await add(server, "alice");
  assert.match((await play(server.port, "bob\n")).toString(), /^! account-required /);
  const said = (await play(server.port, `alice:${PASSWORD}\nbob: hi\nalice: note\n`)).toString();
  assert.deepEqual(said.split("\n").toSorted(), [
    "",
    '! no-such-name there is nobody called "bob"',
    "from alice: note",
  ]);
});

test("accounts can be made while no server runs, and outlive a crash", async (t) => {
  const data = temporaryFolder(t);
  const made = await user(data, ["add", "alice"], `${PASSWORD}\n`);
  assert.deepEqual([made.code, made.out], [0, "alice is an account\n"]);
  const server = await TestServer.start(t, { data });
  assert.equal((await play(server.port, `alice:${PASSWORD}\n/who\n`)).toString(), "* alice\n");
  await add(server, "bob");
  await server.end("SIGKILL");
  const next = await TestServer.start(t, { data });
  assert.equal((await play(next.port, `bob:${PASSWORD}\n/who\n`)).toString(), "* bob\n");
});

test("a data folder that is misspelt is not made, unless an account is", async (t) => {
  const data = `${temporaryFolder(t)}/misspelt`;
  const listed = await user(data, ["list"]);
  assert.deepEqual([listed.code, listed.out], [1, ""]);
  assert.equal(listed.errors, `partyline: there is no server's data in ${data} (--data)\n`);
  assert.ok(!existsSync(data));
});

/** Guesses in each attacked stretch, of which the first hundred fill every place that there is. */
const GUESSES = 200;

/** Right passwords that are shown in each attacked stretch, one after another. */
const LOGINS = 3;

/** Notes to oneself in each quiet stretch, and at least as many in an attacked one. */
const NOTES = 200;

/** So many times as long a note may take: on a machine that has other things to do times differ by chance. */
const MOST_SLOWER = 4;

function median(times: readonly number[]): number {
  return times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? NaN;
}

/** Writes notes to itself for as long as something is under way. @returns what each took, in ms */
async function talk(talker: LineClient, meanwhile: Promise<unknown>): Promise<readonly number[]> {
  const times: number[] = [];
  const now = { isOver: false };
  const end = (): void => void (now.isOver = true);
  void meanwhile.then(end, end);
  while (!now.isOver || times.length < NOTES) {
    const begin = performance.now();
    talker.say(`talker: ${begin}`);
    await talker.expect(`from talker: ${begin}`);
    times.push(performance.now() - begin);
  }
  return times;
}

// From many addresses, passwords were hashed all the time, which took one core of two from everybody, and nine of
// ten right ones were told "busy".
for (const [addresses, name] of [
  ["one", "one address"],
  ["many", "many addresses"],
] as const) {
  const isPossible = addresses === "one" || process.platform === "linux";
  const skip = isPossible ? false : "only Linux has all addresses that begin with 127";
  test(
    `ten thousand wrong passwords a minute from ${name} take no time from others, and keep no right one out`,
    {
      skip,
    },
    async (t) => {
      const server = await TestServer.start(t);
      await add(server, "alice");
      await add(server, "bob");
      const talker = await server.login(t, "talker");
      const file = new URL("./harness/password-guesser.ts", import.meta.url);
      const guesser = fork(file, [String(server.port), addresses]);
      t.after(() => guesser.kill());
      const guessed = async (): Promise<Guessed> => {
        const [codes] = (await once(guesser, "message")) as [Guessed];
        return codes;
      };
      const logIn = async (): Promise<void> => {
        const said = await play(server.port, `bob:${PASSWORD}\n/who\n`);
        assert.match(said.toString(), /^\* bob\n/);
      };
      const attack = async (): Promise<Guessed> => {
        guesser.send(GUESSES);
        await guessed();
        const last = guessed();
        for (let i = 0; i < LOGINS; i++) await logIn();
        return last;
      };
      await logIn();
      const began = performance.now();
      const quiet: number[] = [];
      const attacked: number[] = [];
      let codes: Guessed = {};
      for (let round = 0; round < 3; round++) {
        quiet.push(...(await talk(talker, Promise.resolve())));
        const attacking = attack();
        attacked.push(...(await talk(talker, attacking)));
        codes = await attacking;
      }
      const [before, meanwhile] = [median(quiet), median(attacked)];
      t.diagnostic(
        `a note takes ${before.toFixed(1)} ms, meanwhile ${meanwhile.toFixed(1)} ms; ${JSON.stringify(codes)}`,
      );
      assert.ok(meanwhile < MOST_SLOWER * before);
      if (addresses === "many") return;
      // Ten may be tried, and one more each six seconds.
      const most = 11 + (performance.now() - began) / 6000;
      assert.ok((codes["wrong-password"] ?? 0) <= most);
      assert.ok((codes["too-many-attempts"] ?? 0) > 0);
    },
  );
}
