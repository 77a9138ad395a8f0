// Frames as clients should not say them, said to a real server: each gets one answer, with its
// documented code and its id, in order; then the same connection goes on as if nothing had been.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { after, suite, test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { Opcode } from "../src/listen/websocket-codes.ts";
import { ERROR_CODES } from "../src/protocol/errors.ts";
import { KINDS } from "../src/protocol/json/frames.ts";
import { check } from "./harness/check.ts";
import {
  exampleOf,
  FIELDS,
  FRAME_KINDS,
  holds,
  isOptional,
  wrongValues,
} from "./harness/frame-examples.ts";
import { TestServer } from "./harness/server.ts";
import { encodeClientFrame, ServerFrames, upgrade } from "./harness/websocket-bytes.ts";

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });
const friend = await server.login({ after }, "friend");

/** A connection, whatever carries its frames. */
interface Speaker {
  say(...frames: readonly string[]): void;
  /** Waits for the next frames, and takes them. */
  take(count: number): Promise<readonly string[]>;
}

function overTcp(t: TestContext): Speaker {
  return server.connect(t);
}

async function overWebSocket(t: TestContext): Promise<Speaker> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  t.after(() => socket.close());
  const frames: string[] = [];
  let came = Promise.withResolvers<void>();
  socket.addEventListener("message", ({ data }) => {
    frames.push(String(data));
    came.resolve();
    came = Promise.withResolvers();
  });
  await once(socket, "open");
  return {
    say: (...texts) => texts.forEach((text) => socket.send(text)),
    async take(count) {
      while (frames.length < count) await came.promise;
      return frames.splice(0, count);
    },
  };
}

/** What the server says: one field, and what is in it. */
async function taken(speaker: Speaker, count: number): Promise<readonly [string, Told][]> {
  const frames = await speaker.take(count);
  return frames.map((frame) => Object.entries(JSON.parse(frame) as object)[0] as [string, Told]);
}

interface Told {
  readonly code?: string;
  readonly id?: unknown;
}

interface Said {
  readonly frame: object;
  readonly id: number | undefined;
  readonly code: string;
}

const MISSING = Symbol("missing");

/** @returns undefined when the frame is good, or ends the connection, as a send without a number does */
function said([kind, name]: (typeof FIELDS)[number], value: unknown, id: number): Said | undefined {
  const all: Record<string, unknown> = { ...exampleOf(kind), id };
  const { [name]: _, ...rest } = all;
  const isFirst = name === Object.keys(all)[0];
  if (value === MISSING) {
    if (isOptional(kind, name)) return undefined;
  } else if (KINDS[holds(kind, name)].check(value) || (kind === "send" && isFirst)) {
    return undefined;
  }
  const frame = value === MISSING ? rest : { ...rest, [name]: value };
  const isKnown = FRAME_KINDS.some((one) => one in frame);
  const told = name === "id" ? undefined : id;
  return { frame, id: told, code: isKnown ? "bad-frame" : "unknown-frame" };
}

/** One for each field of each frame. */
const values = fc.array(fc.oneof(fc.constant(MISSING), wrongValues), {
  minLength: FIELDS.length,
  maxLength: FIELDS.length,
});

/** Characters: up to as many as fit into a frame beside the rest of it, and more. */
const huge = fc.integer({ min: 5000, max: 70_000 });

/** What holds text, but for the sends: their answer has their number. */
const texts = FIELDS.filter(
  ([kind, name]) => kind !== "send" && /^(text|whom)$/.test(holds(kind, name)),
);

for (const [what, connect] of [
  ["TCP", overTcp],
  ["WebSocket", overWebSocket],
] as const) {
  suite(`over ${what}`, { timeout: 60_000 }, () => {
    let logins = 0;

    /** Logs in, does this, and sees that the same connection is answered, and gets what it is sent. */
    async function during(t: TestContext, act: (speaker: Speaker) => Promise<void>): Promise<void> {
      const name = `${what}${++logins}`;
      const speaker = await connect(t);
      speaker.say(JSON.stringify({ login: name, outbox: 1 }));
      assert.equal((await taken(speaker, 1))[0]?.[0], "welcome");
      await act(speaker);
      speaker.say('{"ping":"still here"}');
      assert.deepEqual(await speaker.take(1), ['{"pong":"still here"}']);
      friend.say(`${name}: hello`);
      assert.equal((await taken(speaker, 1))[0]?.[0], "message");
    }

    test("every frame with every field missing, wrong, huge or nested is refused with its id, and the connection goes on", async (t) => {
      // They were refused without it, so that who had asked waited for ever.
      const property = fc.asyncProperty(values, (all) =>
        during(t, async (speaker) => {
          const bad = FIELDS.flatMap((field, i) => said(field, all[i], i) ?? []);
          speaker.say(...bad.map(({ frame }) => JSON.stringify(frame)));
          assert.deepEqual(
            (await taken(speaker, bad.length)).map(([kind, { code, id }]) => ({ kind, code, id })),
            bad.map(({ code, id }) => ({ kind: "error", code, id })),
          );
        }),
      );
      await check(t, property, { numRuns: 30 });
    });

    test("every frame with a huge text has one answer, with its id and a documented code", async (t) => {
      // One that was too long was refused without it, so that who had asked waited for ever.
      const all = fc.array(fc.tuple(fc.constantFrom(...texts), huge), { maxLength: 20 });
      const property = fc.asyncProperty(all, (fields) =>
        during(t, async (speaker) => {
          for (const [id, [[kind, field], length]] of fields.entries()) {
            const frame = { id, ...exampleOf(kind), [field]: "x".repeat(length) };
            speaker.say(JSON.stringify({ ...frame, id }));
          }
          for (const [id, [, answer]] of (await taken(speaker, fields.length)).entries()) {
            if (answer.code !== undefined) assert.ok(answer.code in ERROR_CODES, answer.code);
            assert.equal(answer.id, id);
          }
        }),
      );
      await check(t, property, { numRuns: 30 });
    });
  });
}

for (const [what, connect] of [
  ["TCP", overTcp],
  ["WebSocket", overWebSocket],
] as const) {
  test(`over ${what} what cannot be read is refused with the label that it begins with`, async (t) => {
    const speaker = await connect(t);
    speaker.say('{"login":"labels"}');
    assert.equal((await taken(speaker, 1))[0]?.[0], "welcome");
    const long = `,"search":"${"x".repeat(70_000)}"}`;
    const escaped = "\\u8a9e".repeat(64);
    const frames: readonly (readonly [string, unknown, string])[] = [
      [`{"id":7${long}`, 7, "line-too-long"],
      [`{ "id" : -1.5e3 ${long}`, -1500, "line-too-long"],
      [`{"id":"語 \\" é"${long}`, '語 " é', "line-too-long"],
      [`{"id":"${escaped}"${long}`, "語".repeat(64), "line-too-long"],
      [`{"id":"${"語".repeat(64)}"${long}`, "語".repeat(64), "line-too-long"],
      [`{"id":"${"x".repeat(65)}"${long}`, undefined, "line-too-long"],
      [`{"id":7e999${long}`, undefined, "line-too-long"],
      [`{"search":"${"x".repeat(70_000)}","id":7}`, undefined, "line-too-long"],
      ['{"id":"cut off","search":"x', "cut off", "bad-json"],
      ['{"search":"x","id":7', undefined, "bad-json"],
      [`{"id":8,"search":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, 8, "bad-frame"],
    ];
    speaker.say(...frames.map(([frame]) => frame));
    assert.deepEqual(
      (await taken(speaker, frames.length)).map(([, { id, code }]) => [id, code]),
      frames.map(([, id, code]) => [id, code]),
    );
  });
}

test("over TCP what is not UTF-8 is refused with the label that it begins with", async (t) => {
  const client = server.connect(t).say('{"login":"latin"}');
  assert.equal((await taken(client, 1))[0]?.[0], "welcome");
  client.write(Buffer.from('{"id":"r1","search":"caf\xe9"}\n', "latin1"));
  const [, { id, code }] = (await taken(client, 1))[0] ?? assert.fail();
  assert.deepEqual([id, code], ["r1", "bad-text"]);
});

test("over WebSocket a newline is white space between tokens, and bad in a string, whole or in pieces", async (t) => {
  // It became a space: a body that was no JSON was accepted, and changed.
  const { socket, frames } = await openWebSocket(t);
  const say = (text: string): void => {
    const bytes = Buffer.from(text);
    const half = bytes.length >> 1;
    socket.write(encodeClientFrame(bytes));
    socket.write(encodeClientFrame(bytes.subarray(0, half), Opcode.text, false));
    socket.write(encodeClientFrame(bytes.subarray(half), Opcode.continuation));
  };
  const expect = async (...texts: RegExp[]): Promise<void> => {
    while (frames.texts.length < texts.length) await once(socket, "data");
    for (const text of texts) assert.match(frames.texts.shift() ?? "", text);
  };
  socket.write(encodeClientFrame(Buffer.from('{"login":"newline",\n"outbox":1\n}\n')));
  await expect(/^{"welcome"/);
  say('{"send":1,"to":["newline"],"body":"a\nb"}');
  await expect(/"code":"bad-json"/, /"code":"bad-json"/);
  say('\n{"ping"\n:\r\n1}\n');
  await expect(/^{"pong":1}$/, /^{"pong":1}$/);
});

const PATIENCE = { signal: AbortSignal.timeout(60_000) };
const long = Buffer.alloc(100_000, "x");
const notText = Buffer.of(0x7b, 0xff);

/** What may not come before a login, and its code. */
const EARLY: Readonly<Record<string, readonly [Buffer, string]>> = {
  "a frame that is too long": [Buffer.concat([Buffer.from("{"), long]), "line-too-long"],
  "a frame that is not UTF-8": [notText, "bad-text"],
  "what is not JSON": [Buffer.from("{nope}"), "bad-json"],
  "a frame that is not known": [Buffer.from('{"nope":1}'), "unknown-frame"],
  "a login without a name": [Buffer.from('{"login":5}'), "bad-frame"],
  "another frame": [Buffer.from('{"who":true}'), "login-first"],
};

for (const [what, [bytes, code]] of Object.entries(EARLY)) {
  test(`before the login ${what} is ${code}, and ends the connection`, async (t) => {
    // Those that could not be read at all did not: every refusal before a login does.
    const tcp = server.connect(t).write(bytes).write("\n");
    await tcp.end();
    assert.deepEqual(tcp.lines.map(codeOf), [code]);
    assert.deepEqual(await toldAtTheEnd(t, bytes, Opcode.text), [code]);
  });
}

test("before the login a binary message is bad-text, and ends the connection", async (t) => {
  const told = await toldAtTheEnd(t, Buffer.from('{"login":"binary"}'), Opcode.binary);
  assert.deepEqual(told, ["bad-text"]);
});

/** Says one message over WebSocket. @returns the codes that came before it was closed */
async function toldAtTheEnd(
  t: TestContext,
  bytes: Buffer,
  opcode: number,
): Promise<readonly (string | undefined)[]> {
  const { socket, frames } = await openWebSocket(t);
  socket.write(encodeClientFrame(bytes, opcode));
  while (frames.closeCode === undefined) await once(socket, "data", PATIENCE);
  return frames.texts.map(codeOf);
}

function codeOf(frame: string): string | undefined {
  return (JSON.parse(frame) as { readonly error?: Told }).error?.code;
}

async function openWebSocket(t: TestContext): Promise<{ socket: Socket; frames: ServerFrames }> {
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  t.after(() => socket.destroy());
  const frames = new ServerFrames();
  await upgrade(socket, frames);
  return { socket, frames };
}
