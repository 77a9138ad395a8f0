// What a connection is shows in its first bytes, however they are split.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });

/** Splits in two at each place, and into single bytes. */
function splits(text: string): Buffer[][] {
  const whole = Buffer.from(text);
  const twos = Array.from(whole, (_, at) => [whole.subarray(0, at), whole.subarray(at)]);
  return [...twos, Array.from(whole, (byte) => Buffer.of(byte))];
}

for (const [what, name] of [
  ["a name", "alice"],
  ["a name that begins like a method", "POSTER"],
  ["a name that is a method", "GET"],
  ["a name that is an IRC command", "nick"],
] as const) {
  test(`${what} logs in, wherever it is split`, async () => {
    for (const chunks of splits(`${name}\n${name}: hi`)) {
      assert.equal((await play(server.port, ...chunks)).toString(), `from ${name}: hi\n`);
    }
  });
}

test("a byte-order mark before the name is dropped, wherever it is split", async () => {
  for (const chunks of splits("\ufeffbob\nbob: hi")) {
    assert.equal((await play(server.port, ...chunks)).toString(), "from bob: hi\n");
  }
});

test("a name that never shows what it is counts when its client has finished", async () => {
  await play(server.port, "carol\nOPT: hi\n");
  assert.equal((await play(server.port, "OPT")).toString(), "from carol: hi\n");
});

test("who finishes without a word is told nothing", async () => {
  assert.equal((await play(server.port)).length, 0);
});

test("a login frame is welcomed, wherever it is split", async () => {
  for (const chunks of splits('{"login":"dave"}\n')) {
    const frame = JSON.parse((await play(server.port, ...chunks)).toString()) as object;
    assert.deepEqual(Object.keys(frame), ["welcome"]);
  }
});

for (const line of ["NICK dave", "PASS secret"]) {
  test(`${line} is no name`, async () => {
    assert.match((await play(server.port, `${line}\n`)).toString(), /^! bad-name [^\n]+\n$/);
  });
}
