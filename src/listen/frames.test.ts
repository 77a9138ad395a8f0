import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import {
  CLIENT_CLOSE,
  CLIENT_PONG,
  clientPing,
  encodeClientFrame,
  ServerFrames,
  upgrade,
} from "../../test/harness/websocket-bytes.ts";
import { type Clock, systemClock } from "../broker/clock.ts";
import { HandClock } from "../broker/hand-clock.ts";
import type { FrameContext, FrameTransport } from "./frames.ts";
import { type FramePair, frameSuite, MOST, Recorder } from "./frames-suite.ts";
import { LineDecoder } from "./line-decoder.ts";
import { SharingSocket } from "./shared-buffer.ts";
import { TcpFrames } from "./tcp-frames.ts";
import { TcpWatch } from "./tcp-watch.ts";
import { WebSockets } from "./websockets.ts";

function contextOf(t: TestContext): FrameContext {
  const watch = new TcpWatch();
  t.after(() => watch.close());
  return { clock: systemClock, watch, maxFrameBytes: MOST };
}

/** Listens, and connects. */
async function connectTo(t: TestContext, server: Server): Promise<Socket> {
  server.listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    noDelay: true,
    allowHalfOpen: true,
  });
  socket.on("error", () => {});
  t.after(() => socket.destroy());
  return socket;
}

async function connectTcp(t: TestContext): Promise<FramePair> {
  const context = contextOf(t);
  const made = Promise.withResolvers<FrameTransport>();
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (accepted) => {
    const socket = new SharingSocket(accepted).on("error", () => {});
    t.after(() => socket.destroy());
    made.resolve(new TcpFrames({ socket, first: Buffer.alloc(0), hasEnded: false }, context));
  });
  const socket = await connectTo(t, server);
  const frames: string[] = [];
  const decoder = new LineDecoder(2 * MOST);
  let ended = false;
  socket.on("end", () => (ended = true));
  socket.on("data", (chunk: Buffer) =>
    frames.push(...decoder.decode(chunk).split("\n").slice(0, -1)),
  );
  const client = {
    socket,
    frames,
    hasEnded: () => ended,
    encode: (...all: (string | Uint8Array)[]) =>
      Buffer.concat(all.flatMap((frame) => [Buffer.from(frame), Buffer.from("\n")])),
    finish: () => void socket.end(),
  };
  return { transport: await made.promise, client };
}

async function connectWebSocket(
  t: TestContext,
  clock: Clock = systemClock,
): Promise<FramePair & { incoming: ServerFrames }> {
  const context = { ...contextOf(t), clock };
  const made = Promise.withResolvers<FrameTransport>();
  const webSockets = new WebSockets(context);
  const http = createHttpServer().on("upgrade", (request, socket, head) => {
    t.after(() => socket.destroy());
    request.socket.on("error", () => {});
    webSockets.accept(request, request.socket, head, (frames) => made.resolve(frames));
  });
  const socket = await connectTo(t, http);
  // It closes its side when the server has: what is beyond the close frames is for TCP.
  socket.on("end", () => socket.end());
  const incoming = new ServerFrames();
  await upgrade(socket, incoming);
  const client = {
    socket,
    frames: incoming.texts,
    hasEnded: () => incoming.closeCode !== undefined,
    encode: (...all: (string | Uint8Array)[]) =>
      Buffer.concat(all.map((frame) => encodeClientFrame(Buffer.from(frame)))),
    finish: () => void socket.write(CLIENT_CLOSE),
  };
  return { transport: await made.promise, client, incoming };
}

frameSuite("frames over TCP", connectTcp);
frameSuite("frames over WebSocket", (t) => connectWebSocket(t));

test("over TCP an unreadable frame is dropped and the next one counts", async (t) => {
  const { transport, client } = await connectTcp(t);
  const owner = new Recorder();
  transport.start(owner);
  client.socket.write(client.encode("x".repeat(MOST + 1), Uint8Array.of(0xff), "a"));
  await owner.expect("! line-too-long", "! bad-text", "a");
});

test("over TCP the last frame counts without its end, and who has finished may still read", async (t) => {
  const { transport, client } = await connectTcp(t);
  const owner = new Recorder();
  transport.start(owner);
  client.socket.end("a\nb");
  await owner.expect("a", "b", "finished");
  transport.write("c\n");
  transport.end();
  await once(client.socket, "close");
  assert.deepEqual(client.frames, ["c"]);
});

test("over WebSocket a binary message is unreadable, and the next one counts", async (t) => {
  const { transport, client } = await connectWebSocket(t);
  const owner = new Recorder();
  transport.start(owner);
  client.socket.write(encodeClientFrame(Buffer.from("{}"), 2));
  client.socket.write(client.encode("a"));
  await owner.expect("! bad-text", "a");
});

test("over WebSocket the newest ping is answered, however many came while nobody read", async (t) => {
  // Each had its pong waiting, outside of every account: who pinged and never read took all memory.
  const { transport, client, incoming } = await connectWebSocket(t);
  const owner = new Recorder();
  transport.start(owner);
  client.socket.pause();
  const frame = `${"x".repeat(60_000)}\n`;
  for (let count = 0; count < 400; count += 1) transport.write(frame);
  const pings = Array.from({ length: 1000 }, (_, i) => clientPing(`${i + 1}`));
  client.socket.write(Buffer.concat([...pings, client.encode("all pinged")]));
  await owner.expect("all pinged");
  client.socket.resume();
  await owner.until(() => transport.unsent === 0);
  while (incoming.pongs.length < 1) await once(client.socket, "data");
  assert.deepEqual(incoming.pongs, ["1000"]);
});

async function pinged(t: TestContext) {
  const clock = new HandClock();
  const pair = await connectWebSocket(t, clock);
  const owner = new Recorder();
  pair.transport.start(owner);
  assert.ok(pair.transport.ping());
  while (pair.incoming.pings < 1) await once(pair.client.socket, "data");
  return { ...pair, clock, owner };
}

test("a WebSocket that answers a ping was heard", async (t) => {
  const { client, clock, transport } = await pinged(t);
  await clock.goOn(1000);
  client.socket.write(CLIENT_PONG);
  while (transport.lastByteAt < 1000) await nextTurn();
});

test("a WebSocket that answers no ping is not cut", async (t) => {
  // It was, after 45 s: a program that stands still, though its system answers, is slow and not dead.
  const { client, clock, owner } = await pinged(t);
  for (let minutes = 0; minutes < 10; minutes += 1) await clock.goOn(60_000);
  client.socket.write(client.encode("here I am"));
  await owner.expect("here I am");
});

test("over TCP there is no such question", async (t) => {
  const { transport } = await connectTcp(t);
  assert.equal(transport.ping(), false);
});

test("who was paused is not taken for silent", async (t) => {
  // Whoever had nothing to say while the log could not be written was idle for all that time.
  const { clock, transport } = await pinged(t);
  transport.pause();
  await clock.goOn(60_000);
  transport.resume();
  assert.equal(transport.lastByteAt, 60_000);
});
