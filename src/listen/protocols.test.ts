import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { connect as connectTls } from "node:tls";
import { ONE } from "../../test/harness/tls-files.ts";
import {
  CLIENT_CLOSE,
  encodeClientFrame,
  ServerFrames,
  upgrade,
} from "../../test/harness/websocket-bytes.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Broker } from "../broker/broker.ts";
import { systemClock } from "../broker/clock.ts";
import type { Client } from "./clients.ts";
import type { FrameOwner, FrameTransport } from "./frames.ts";
import { ListenFigures } from "./listen-figures.ts";
import { Listener, type ListenOptions } from "./listener.ts";
import type { OpenConnection } from "./places.ts";

/** Where a JSON connection goes there is one that says everything back, and who it thinks is there. */
class Echo implements FrameOwner, OpenConnection {
  readonly protocol = "json";
  readonly #frames: FrameTransport;

  constructor(frames: FrameTransport, client: Client) {
    this.#frames = frames;
    frames.write(`${client.address} ${client.isSecure ? "TLS" : "plain"}\n`);
    frames.start(this);
  }

  run(_: string, at: number): number {
    return at;
  }

  frame(text: string): void {
    this.#frames.write(`${text}\n`);
  }

  unreadable(): void {}

  finished(): void {
    this.#frames.end();
  }

  written(): void {}

  closed(): void {}

  endIfIdleSince(): void {}

  stop(): void {
    this.#frames.end();
  }
}

const OPTIONS: ListenOptions = {
  maxConnections: 10,
  maxConnectionsPerAddress: 10,
  maxLineBytes: 65_536,
  maxRecipients: 10,
  maxRate: 0,
  loginTime: 10_000,
  idleTime: 0,
  redeliveryWindow: 0,
  tls: "optional",
  trustedProxy: [],
  allowedOrigins: [],
};

async function listen(
  t: TestContext,
  options: Partial<ListenOptions> = {},
  speaksJson = true,
): Promise<{ listener: Listener; port: number; figures: ListenFigures }> {
  const figures = new ListenFigures();
  const listener = new Listener(
    { ...OPTIONS, ...options },
    {
      // Nobody logs in here.
      broker: {} as Broker,
      accounts: {} as Accounts,
      clock: systemClock,
      report: (_stage, what) => assert.equal(typeof what, "string", String(what)),
      figures,
      pages: new Map(),
      json: speaksJson ? (frames, client) => new Echo(frames, client) : undefined,
      credentials: ONE,
    },
  );
  const { port } = await listener.listen({ host: "127.0.0.1", port: 0 });
  t.after(() => listener.stop());
  return { listener, port, figures };
}

function open(t: TestContext, port: number): Socket {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  return socket;
}

async function openTls(t: TestContext, port: number): Promise<Socket> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  t.after(() => socket.destroy());
  await once(socket, "secureConnect");
  return socket;
}

/** Waits until all this has come. */
async function expect(socket: Socket, text: string): Promise<void> {
  let came = "";
  while (came.length < text.length) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    came += chunk.toString();
  }
  assert.equal(came, text);
}

test("an object begins JSON lines", async (t) => {
  const { port } = await listen(t);
  const socket = open(t, port);
  socket.write('{"a":1}\n{"b":');
  await expect(socket, '127.0.0.1 plain\n{"a":1}\n');
  socket.end("2}");
  await expect(socket, '{"b":2}\n');
});

test("an object begins JSON lines inside TLS too, wherever it is split", async (t) => {
  const { port } = await listen(t);
  const socket = await openTls(t, port);
  for (const byte of "\ufeff{}\n") socket.write(byte);
  await expect(socket, "127.0.0.1 TLS\n{}\n");
});

test("without JSON an object is a bad name", async (t) => {
  const { port } = await listen(t, {}, false);
  const socket = open(t, port);
  socket.write("{}\n");
  const [answer] = (await once(socket, "data")) as [Buffer];
  assert.match(answer.toString(), /^! bad-name /);
});

for (const [what, openIt, who] of [
  ["plain", open, "127.0.0.1 plain"],
  ["TLS", openTls, "127.0.0.1 TLS"],
] as const) {
  test(`WebSocket over ${what} carries the same frames`, async (t) => {
    const { port } = await listen(t);
    const socket = await openIt(t, port);
    const frames = new ServerFrames();
    assert.match(await upgrade(socket, frames), /^HTTP\/1\.1 101 /);
    socket.write(encodeClientFrame(Buffer.from('{"a":1}')));
    while (frames.texts.length < 2) await once(socket, "data");
    assert.deepEqual(frames.texts, [who, '{"a":1}']);
    socket.write(CLIENT_CLOSE);
    while (frames.closeCode === undefined) await once(socket, "data");
    assert.equal(frames.closeCode, 1000);
  });
}

test("frames that come with the request for WebSocket are not lost", async (t) => {
  const { port } = await listen(t);
  const socket = open(t, port);
  const frames = new ServerFrames();
  const answered = upgrade(socket, frames);
  socket.write(encodeClientFrame(Buffer.from("at once")));
  await answered;
  while (frames.texts.length < 2) await once(socket, "data");
  assert.equal(frames.texts[1], "at once");
});

test("compression is not offered", async (t) => {
  const { port } = await listen(t);
  const answer = await upgrade(open(t, port), new ServerFrames(), "/", {
    "Sec-WebSocket-Extensions": "permessage-deflate",
  });
  assert.doesNotMatch(answer, /Sec-WebSocket-Extensions/i);
});

for (const [what, headers, allowedOrigins, status] of [
  ["a page of ours", { Host: "localhost:8080", Origin: "http://localhost:8080" }, [], 101],
  [
    "a page whose name leads to this machine by now",
    { Host: "evil.example", Origin: "http://evil.example" },
    [],
    403,
  ],
  ["a page of another site", { Host: "chat.example", Origin: "http://evil.example" }, [], 403],
  [
    "a page of a site that is allowed",
    { Host: "chat.example", Origin: "https://team.example" },
    ["https://team.example"],
    101,
  ],
] as const) {
  test(`WebSocket from ${what} is answered with ${status}`, async (t) => {
    const { port, figures } = await listen(t, { allowedOrigins });
    const answer = await upgrade(open(t, port), new ServerFrames(), "/", headers);
    assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), answer);
    assert.equal(figures.refused.get("bad-origin") ?? 0, status === 403 ? 1 : 0);
  });
}

test("WebSocket from a page of ours is answered through a proxy by any name", async (t) => {
  const { port } = await listen(t, { trustedProxy: ["127.0.0.1"] });
  const headers = { Host: "chat.example", Origin: "http://chat.example" };
  const named = { ...headers, "X-Forwarded-For": "192.0.2.1" };
  assert.match(await upgrade(open(t, port), new ServerFrames(), "/", named), /^HTTP\/1\.1 101 /);
  const here = { ...headers, "X-Forwarded-For": "127.0.0.1" };
  assert.match(await upgrade(open(t, port), new ServerFrames(), "/", here), /^HTTP\/1\.1 403 /);
});

test("WebSocket is at / only", async (t) => {
  const { port } = await listen(t);
  const answer = await upgrade(open(t, port), new ServerFrames(), "/elsewhere");
  assert.match(answer, /^HTTP\/1\.1 404 /);
});

test("without JSON there is no WebSocket", async (t) => {
  const { port } = await listen(t, {}, false);
  const answer = await upgrade(open(t, port), new ServerFrames());
  assert.match(answer, /^HTTP\/1\.1 404 /);
});

test("WebSockets through a proxy are counted for those it names, and tell who they are", async (t) => {
  const { port } = await listen(t, { trustedProxy: ["127.0.0.1"], maxConnectionsPerAddress: 1 });
  const through = async (address: string): Promise<[string, string[]]> => {
    const socket = open(t, port);
    const frames = new ServerFrames();
    const answer = await upgrade(socket, frames, "/", { "X-Forwarded-For": address });
    if (!answer.startsWith("HTTP/1.1 101 ")) return [answer.slice(0, 12), []];
    while (frames.texts.length < 1) await once(socket, "data");
    return [answer.slice(0, 12), frames.texts];
  };
  assert.deepEqual(await through("192.0.2.1"), ["HTTP/1.1 101", ["192.0.2.1 plain"]]);
  assert.deepEqual(await through("192.0.2.1"), ["HTTP/1.1 403", []]);
  assert.deepEqual(await through("192.0.2.2"), ["HTTP/1.1 101", ["192.0.2.2 plain"]]);
});

test("a stop closes what has not shown yet what it is, and ends the others", async (t) => {
  const { listener, port } = await listen(t);
  const [silent, json] = [open(t, port), open(t, port)];
  const webSocket = open(t, port);
  const frames = new ServerFrames();
  await upgrade(webSocket, frames);
  json.write("{}\n");
  await expect(json, "127.0.0.1 plain\n{}\n");
  listener.stop();
  await Promise.all([once(silent.resume(), "end"), once(json, "end"), once(webSocket, "end")]);
  assert.equal(frames.closeCode, 1000);
  for (const socket of [silent, json, webSocket]) socket.destroy();
});
