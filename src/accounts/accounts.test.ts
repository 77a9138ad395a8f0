// Accounts in the orders that are rare through the port: what changes while a login or a password waits.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { type Clock, systemClock } from "../broker/clock.ts";
import { HandClock } from "../broker/hand-clock.ts";
import type { Login } from "../broker/broker.ts";
import type { Connection } from "../broker/connection.ts";
import type { ClientState, Peer } from "../broker/peer.ts";
import { type AccountChange, type AllAccounts, MOST_SESSIONS } from "../log/accounts.ts";
import { ChatError } from "../protocol/errors.ts";
import { type Name, parseName } from "../protocol/name.ts";
import { type AccountOptions, Accounts, type AccountsBroker, type Arriving } from "./accounts.ts";
import type { Origin } from "./admission.ts";
import { Passwords } from "./passwords.ts";
import { hashOf } from "./tokens.ts";

const ALICE = parseName("alice");
const PASSWORD = "correct horse";
const HERE: Origin = { address: "127.0.0.1", isLoopback: true, isSecure: false };
const DAY = 86_400_000;
const OPTIONS = { openNames: "loopback", registration: "open", sessionAge: 90 * DAY } as const;
const NOTHING: AllAccounts = { accounts: [], tokens: [], invites: [] };
const NO_CONNECTION = { isClosed: false } as Arriving;
const isGone = (): boolean => false;

/** Wrong passwords keep no test waiting. */
const NO_REST: Clock = { ...systemClock, after: (_, callback) => systemClock.after(0, callback) };

interface TestPeer {
  readonly name: Name;
  readonly tokenHash: string | undefined;
  isShared: boolean;
  readonly expelled: string[];
}

/** Lets in whoever comes, and keeps what is asked of the log. */
class TestBroker implements AccountsBroker {
  readonly changes: AccountChange[] = [];
  peers: TestPeer[] = [];
  /** As it is stored. */
  #password: string | undefined;
  /** Runs while a login waits. */
  meanwhile: () => Promise<unknown> = async () => {};

  async login(name: Name, _: Connection, client: ClientState = {}): Promise<Login> {
    await this.meanwhile();
    const peer = this.add(name, client);
    return { peer } as Login;
  }

  add(name: Name, client: ClientState = {}): Peer {
    const expelled: string[] = [];
    const peer = {
      name,
      tokenHash: client.tokenHash,
      isShared: client.isShared === true,
      expelled,
      expel: (error: ChatError) => void expelled.push(error.code),
      gone: () => (this.peers = this.peers.filter((other) => other !== peer)),
    };
    this.peers.push(peer);
    return peer as unknown as Peer;
  }

  async changeAccount(change: AccountChange): Promise<void> {
    this.changes.push(change);
    if (change.kind !== "make" && change.kind !== "password") return;
    if (change.kind === "password" && (change.old ?? this.#password) !== this.#password) {
      throw new ChatError("wrong-password", "it was replaced meanwhile");
    }
    this.#password = change.password;
  }

  peersOf(key: string): readonly Peer[] {
    return this.peers.filter(({ name }) => name.key === key) as unknown as Peer[];
  }
}

let broker = new TestBroker();
let clock = new HandClock();
let accounts = create();

function create(options: AccountOptions = OPTIONS): Accounts {
  return new Accounts(broker, clock, options, NOTHING, new Passwords(NO_REST));
}

beforeEach(() => {
  broker = new TestBroker();
  clock = new HandClock();
  accounts = create();
});

const codeOf = (code: string) => (error: unknown) =>
  error instanceof ChatError && error.code === code;

function logIn(proof: Parameters<Accounts["logIn"]>[1]): ReturnType<Accounts["logIn"]> {
  return accounts.logIn(ALICE, proof, HERE, NO_CONNECTION);
}

test("a login for an open name that became an account while it waited is refused", async () => {
  broker.meanwhile = () => accounts.add(ALICE, PASSWORD);
  await assert.rejects(logIn({}), codeOf("wrong-password"));
  assert.deepEqual(broker.peers, []);
});

test("a login whose account was removed while it waited is refused", async () => {
  await accounts.add(ALICE, PASSWORD);
  broker.meanwhile = () => accounts.remove(ALICE);
  await assert.rejects(logIn({ password: PASSWORD }), codeOf("wrong-password"));
  assert.deepEqual(broker.peers, []);
});

test("a password that was right when it began to be checked is wrong once there is another", async () => {
  await accounts.add(ALICE, PASSWORD);
  // Hashed one at a time: the check of the former one is done before the new one is stored, or after.
  const changed = accounts.setPassword(ALICE, "another horse");
  await assert.rejects(logIn({ password: PASSWORD }), codeOf("wrong-password"));
  await changed;
  await logIn({ password: "another horse" });
});

test("who was let in under an open name at the moment when it becomes an account is put out", async () => {
  const { peer } = await logIn({});
  const registering = accounts.register(peer, PASSWORD, undefined, HERE);
  broker.add(ALICE);
  await registering;
  assert.deepEqual(
    broker.peers.map(({ expelled }) => expelled),
    [[], ["wrong-password"]],
  );
});

test("who has lost his name while his password was hashed makes no account of it", async () => {
  const { peer } = await logIn({});
  const registering = accounts.register(peer, PASSWORD, undefined, HERE);
  peer.gone();
  await assert.rejects(registering, codeOf("name-used"));
  assert.deepEqual(broker.changes, []);
});

// A line client cannot keep a session's token. Each of its logins made a session all the same: a
// hundred runs of a script, and the browsers of that name were logged out.
test("a login that cannot keep a session makes none", async () => {
  await accounts.add(ALICE, PASSWORD);
  const { session } = await logIn({ password: PASSWORD });
  assert.equal(session, undefined);
  assert.deepEqual(
    broker.changes.map(({ kind }) => kind),
    ["make"],
  );
});

/** Alice with as many sessions as she may have, `s0` being unused the longest. Every password is right. */
function withMostSessions(): Accounts {
  const { key, shown } = ALICE;
  const sessions = Array.from({ length: MOST_SESSIONS }, (_, i) => {
    const times = { made: i - 1e6, used: i - 1e6 };
    return { key, label: "", hash: hashOf(`s${i}`), isSession: true, ...times };
  });
  const all = {
    accounts: [{ key, shown, password: "", made: 0 }],
    tokens: sessions,
    invites: [],
  };
  const right = { hash: async () => "", isRight: async () => true, close: async () => {} };
  return new Accounts(broker, clock, OPTIONS, all, right);
}

// In the log the oldest session gave way, and in memory it did not: it was good until the next start,
// and memory grew with each login.
test("the session that gives way in the log is forgotten at once", async () => {
  accounts = withMostSessions();
  await logIn({ password: PASSWORD, keepsSession: true });
  assert.equal(accounts.list()[0]?.sessions, MOST_SESSIONS);
  await assert.rejects(logIn({ token: "s0" }), codeOf("wrong-password"));
  await logIn({ token: "s1" });
});

// A script that logged in with its password a hundred times put people's browsers out, one by one.
test("a session that gives way takes nobody with it, and one that nobody is connected with goes first", async () => {
  accounts = withMostSessions();
  for (let i = 0; i < MOST_SESSIONS; i++) if (i !== 2) await logIn({ token: `s${i}` });
  broker.changes.length = 0;
  await logIn({ password: PASSWORD, keepsSession: true });
  await assert.rejects(logIn({ token: "s2" }), codeOf("wrong-password"));
  const used = broker.changes.map((change) => (change.kind === "used" ? change.hash : change.kind));
  assert.deepEqual(used, [hashOf("s1"), hashOf("s0"), "token"]);
  await logIn({ password: PASSWORD, keepsSession: true });
  await assert.rejects(logIn({ token: "s3" }), codeOf("wrong-password"));
  assert.deepEqual(
    broker.peers.flatMap(({ expelled }) => expelled),
    [],
  );
});

test("a login whose session gave way to others while it waited is not refused", async () => {
  accounts = withMostSessions();
  let others = MOST_SESSIONS;
  broker.meanwhile = async () => {
    await clock.goOn(1);
    if (others-- > 0) await logIn({ password: PASSWORD, keepsSession: true });
  };
  await logIn({ password: PASSWORD, keepsSession: true });
});

// Only a login counted as use: whoever stayed connected for three months was asked for his password at
// the next reconnect.
test("a session that somebody is connected with does not expire, however long that is", async () => {
  await accounts.add(ALICE, PASSWORD);
  const { session: unused = "", peer: gone } = await logIn({
    password: PASSWORD,
    keepsSession: true,
  });
  gone.gone();
  const { session: used = "" } = await logIn({ password: PASSWORD, keepsSession: true });
  await clock.goOn(91 * DAY);
  await accounts.expire();
  assert.deepEqual(broker.changes.slice(-2), [
    { kind: "used", hash: hashOf(used), at: 91 * DAY },
    { kind: "expire", before: DAY },
  ]);
  await assert.rejects(logIn({ token: unused }), codeOf("wrong-password"));
  await logIn({ token: used });
});

test("a session that was given to somebody who is connected is in use, too", async () => {
  const { peer } = await logIn({});
  await accounts.register(peer, PASSWORD, undefined, HERE);
  const { address } = HERE;
  const session = await accounts.changePassword(peer, "another horse", PASSWORD, address);
  await clock.goOn(91 * DAY);
  await accounts.expire();
  await logIn({ token: session });
});

test("the use of a session is kept often enough for its age", async () => {
  accounts = create({ ...OPTIONS, sessionAge: 1000 });
  await accounts.add(ALICE, PASSWORD);
  const { session = "" } = await logIn({ password: PASSWORD, keepsSession: true });
  broker.peers = [];
  await clock.goOn(900);
  await logIn({ token: session });
  broker.peers = [];
  await clock.goOn(900);
  await accounts.expire();
  await logIn({ token: session });
});

test("a wrong password keeps nobody out who has a token", async () => {
  await accounts.add(ALICE, PASSWORD);
  const token = await accounts.makeToken(ALICE, "ci");
  const wrong = () => logIn({ token: "wrong" });
  for (let i = 0; i < 10; i++) await assert.rejects(wrong, codeOf("wrong-password"));
  await assert.rejects(wrong, codeOf("too-many-attempts"));
  await assert.rejects(logIn({ password: PASSWORD }), codeOf("too-many-attempts"));
  await logIn({ token });
});

test("passwords that nobody had time to look at do not count as tries", async () => {
  const busy = {
    hash: async () => "",
    close: async () => {},
    isRight: () => Promise.reject(new ChatError("busy", "later")),
  };
  accounts = new Accounts(broker, new HandClock(), OPTIONS, NOTHING, busy);
  for (let i = 0; i < 20; i++) await assert.rejects(logIn({ password: "x" }), codeOf("busy"));
});

test("a new token in place of another ends the connections of the former one alone", async () => {
  await accounts.add(ALICE, PASSWORD);
  const former = await accounts.makeToken(ALICE, "ci");
  const other = await accounts.makeToken(ALICE, "cd");
  await logIn({ token: former });
  await logIn({ token: other });
  const both = await Promise.all([
    accounts.makeToken(ALICE, "ci"),
    accounts.makeToken(ALICE, "ci"),
  ]);
  assert.deepEqual(
    broker.peers.map(({ expelled }) => expelled),
    [["token-revoked"], []],
  );
  assert.equal(accounts.tokens(ALICE.key).length, 2);
  await assert.rejects(logIn({ token: former }), codeOf("wrong-password"));
  await assert.rejects(logIn({ token: both[0] }), codeOf("wrong-password"));
  await logIn({ token: both[1] });
});

// In the log two labels were one, since UTF-8 has no lone surrogates, and in memory they were two: whoever
// revoked the second left the first one valid until the next start.
test("a label is what the log can keep, and no other is made or revoked", async () => {
  await accounts.add(ALICE, PASSWORD);
  for (const label of ["\ud800", "\ud801", "", "x".repeat(65), "a\nb"]) {
    await assert.rejects(accounts.makeToken(ALICE, label), codeOf("bad-label"));
    await assert.rejects(accounts.revoke(ALICE, label), codeOf("bad-label"));
  }
  await accounts.makeToken(ALICE, "\u{1f511}");
  assert.deepEqual(
    broker.changes.map(({ kind }) => kind),
    ["make", "token"],
  );
});

test("another password puts out every connection but the one that changed it", async () => {
  await accounts.add(ALICE, PASSWORD);
  const { peer } = await logIn({ password: PASSWORD, keepsSession: true });
  await logIn({ password: PASSWORD });
  await accounts.changePassword(peer, "another horse", PASSWORD, HERE.address);
  assert.deepEqual(
    broker.peers.map(({ expelled }) => expelled),
    [[], ["token-revoked"]],
  );
});

// Both had shown the old one before either was hashed: the second replaced what the first was told to be in force, though
// the first had put it out. So whoever had stolen a password could keep the account from its owner, who changed it.
test("of two who change the password at once one does, and the other is put out", async () => {
  await accounts.add(ALICE, PASSWORD);
  const peers = [await logIn({ password: PASSWORD }), await logIn({ password: PASSWORD })];
  const changed = await Promise.allSettled(
    peers.map(({ peer }, i) =>
      accounts.changePassword(peer, `another horse ${i}`, PASSWORD, HERE.address),
    ),
  );
  assert.deepEqual(
    changed.map(({ status }) => status),
    ["fulfilled", "rejected"],
  );
  assert.deepEqual(
    broker.peers.map(({ expelled }) => expelled),
    [[], ["token-revoked"]],
  );
  await logIn({ password: "another horse 0" });
});

test("who makes an account at the login needs its password the next time, and no second one is made", async () => {
  const proof = { password: PASSWORD, register: true, keepsSession: true };
  const { session } = await logIn(proof);
  assert.equal(typeof session, "string");
  await logIn(proof);
  await assert.rejects(logIn({ ...proof, password: "wrong horse" }), codeOf("wrong-password"));
  assert.deepEqual(
    broker.changes.map(({ kind }) => kind),
    ["make", "token", "token"],
  );
});

test("who asks for an account without a password is not let in under an open name", async () => {
  await assert.rejects(logIn({ register: true }), codeOf("bad-password"));
  assert.deepEqual(broker.changes, []);
});

test("accounts that are made are tries too: each takes as long as a password that is checked", async () => {
  const instant = {
    hash: async () => "",
    isRight: async () => false,
    close: async () => {},
  };
  accounts = new Accounts(broker, new HandClock(), OPTIONS, NOTHING, instant);
  const make = (i: number) =>
    accounts.admit(parseName(`n${i}`), { password: PASSWORD, register: true }, HERE, isGone);
  for (let i = 0; i < 100; i++) await make(i);
  await assert.rejects(make(100), codeOf("too-many-attempts"));
});
