// A connection has one login time for its whole greeting, whatever that takes: the first bytes, TLS, a
// request for WebSocket, the login itself. Each of them began a new one.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { connect as connectTls } from "node:tls";
import { ONE } from "../../test/harness/tls-files.ts";
import { ServerFrames, upgrade } from "../../test/harness/websocket-bytes.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Broker } from "../broker/broker.ts";
import { HandClock } from "../broker/hand-clock.ts";
import { JsonConnection } from "./json-connection.ts";
import { ListenFigures } from "./listen-figures.ts";
import { Listener } from "./listener.ts";
import { Pings } from "./pings.ts";

const LOGIN_TIME = 30_000;
const ABOUT_A_THIRD = 11_000;

const OPTIONS = {
  maxConnections: 10,
  maxConnectionsPerAddress: 10,
  maxLineBytes: 65_536,
  maxRecipients: 10,
  maxRate: 0,
  loginTime: LOGIN_TIME,
  idleTime: 0,
  redeliveryWindow: 0,
  tls: "optional",
  trustedProxy: [],
  allowedOrigins: [],
} as const;

interface Greeting {
  readonly clock: HandClock;
  readonly socket: Socket;
  /** Waits until the connection is one of this protocol. */
  readonly until: (protocol: string) => Promise<void>;
  /** Waits until no connection is left. */
  readonly untilNone: () => Promise<void>;
}

/** Every login waits for ever. */
const WAITING: Partial<Accounts> = {
  has: () => false,
  logIn: () => new Promise(() => {}),
};

function report(_: string, what: unknown): void {
  assert.fail(String(what));
}

/** Connects to a server whose clock goes on when the test says. */
async function greet(t: TestContext): Promise<Greeting> {
  const clock = new HandClock();
  const figures = new ListenFigures();
  // Nobody is logged in here.
  const [broker, accounts] = [{} as Broker, WAITING as Accounts];
  const parts = { broker, accounts, clock, report, figures };
  const json = { ...parts, options: OPTIONS, pings: new Pings(clock) };
  const listener = new Listener(OPTIONS, {
    ...parts,
    pages: new Map(),
    json: (frames, client, loginBy) => new JsonConnection(frames, client, loginBy, json),
    credentials: ONE,
  });
  t.after(() => listener.stop());
  const { port } = await listener.listen({ host: "127.0.0.1", port: 0 });
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  t.after(() => socket.destroy());
  const until = async (protocol: string): Promise<void> => {
    const isThere = (): boolean => [...listener.open()].some((one) => one.protocol === protocol);
    while (!isThere()) await nextTurn();
  };
  const untilNone = async (): Promise<void> => {
    while ([...listener.open()].length > 0) await nextTurn();
  };
  await until("arriving");
  return { clock, socket, until, untilNone };
}

/** A third of its login time goes by, and nothing happens. */
async function wait({ clock, socket }: Greeting): Promise<void> {
  await clock.goOn(ABOUT_A_THIRD);
  assert.ok(!socket.readableEnded);
}

function codeOf(frame: string): string | undefined {
  return (JSON.parse(frame) as { error?: { code: string } }).error?.code;
}

test("JSON after a silence has what is left of the login time", async (t) => {
  const greeting = await greet(t);
  const { clock, socket, until } = greeting;
  await wait(greeting);
  socket.write('{"log');
  await until("json");
  await wait(greeting);
  const [told] = await Promise.all([once(socket, "data"), clock.goOn(ABOUT_A_THIRD)]);
  assert.equal(codeOf(String(told)), "login-timeout");
});

test("JSON inside TLS after a silence has what is left of the login time", async (t) => {
  const greeting = await greet(t);
  const { clock, socket, until } = greeting;
  await wait(greeting);
  const inside = connectTls({ socket, rejectUnauthorized: false });
  t.after(() => inside.destroy());
  await once(inside, "secureConnect");
  await wait(greeting);
  inside.write("{");
  await until("json");
  const [told] = await Promise.all([once(inside, "data"), clock.goOn(ABOUT_A_THIRD)]);
  assert.equal(codeOf(String(told)), "login-timeout");
});

test("a WebSocket has what its request has left of the login time", async (t) => {
  const greeting = await greet(t);
  const { clock, socket, until } = greeting;
  await wait(greeting);
  const frames = new ServerFrames();
  const answered = upgrade(socket, frames);
  await until("json");
  await answered;
  await wait(greeting);
  await clock.goOn(ABOUT_A_THIRD);
  while (frames.texts.length < 1) await once(socket, "data");
  assert.deepEqual(frames.texts.map(codeOf), ["login-timeout"]);
});

test("who does not log in is cut, also when he reads nothing", async (t) => {
  // He was told so behind a MiB of pongs that he never read, and kept his place for ever.
  const greeting = await greet(t);
  const { clock, socket, until } = greeting;
  socket.pause();
  const closed = new Promise((resolve) => socket.on("error", () => {}).on("close", resolve));
  const pings = Buffer.from('{"ping":"one of many that nobody answers"}\n'.repeat(1000));
  socket.write(pings);
  await until("json");
  // As many as the two systems hold, and more.
  for (let i = 0; i < 1000; i += 1) socket.write(pings);
  for (let turns = 0; socket.writableLength === 0 || turns < 200; turns += 1) await nextTurn();
  await clock.goOn(LOGIN_TIME);
  await clock.goOn(1000);
  await closed;
});

// A socket that stands still hears nothing: the password of somebody who had gone was checked all the same, and
// he had one of the fifty places until it was.
for (const [protocol, login] of [
  ["line", "alice:correct horse\n"],
  ["json", '{"login":"alice","password":"correct horse"}\n'],
] as const) {
  test(`who resets his connection (${protocol}) while his login waits is gone at once`, async (t) => {
    const { socket, until, untilNone } = await greet(t);
    socket.on("error", () => {}).write(login);
    await until(protocol);
    socket.resetAndDestroy();
    await untilNone();
  });
}
