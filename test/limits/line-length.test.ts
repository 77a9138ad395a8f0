// --max-line-bytes: `line-too-long`, that line is dropped, and the connection lives on.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { play } from "../harness/play.ts";
import { TestServer } from "../harness/server.ts";

const MOST = 256;
const server = await TestServer.start({ after }, { args: ["--max-line-bytes", String(MOST)] });

const TOLD = "! line-too-long that line is longer than this server takes\n";

/** A line to alice of so many bytes, and what she gets for it. */
function lineOf(bytes: number): { line: string; expected: string } {
  const body = "x".repeat(bytes - "alice: ".length);
  return { line: `alice: ${body}`, expected: `from alice: ${body}\n` };
}

async function aliceSays(line: string): Promise<string> {
  return (await play(server.port, `alice\n${line}\nalice: next\n`)).toString();
}

test("a line of the longest length is taken", async () => {
  const { line, expected } = lineOf(MOST);
  assert.equal(await aliceSays(line), `${expected}from alice: next\n`);
});

test("one byte more is told and dropped, and the next line is taken", async () => {
  assert.equal(await aliceSays(lineOf(MOST + 1).line), `${TOLD}from alice: next\n`);
});

test("the end of a line does not count, with its carriage return", async () => {
  const { line, expected } = lineOf(MOST);
  assert.equal(await aliceSays(`${line}\r`), `${expected}from alice: next\n`);
});

test("bytes count, not characters", async () => {
  assert.equal(await aliceSays(`alice: ${"语".repeat(84)}`), `${TOLD}from alice: next\n`);
});

test("a line that is much too long is told once", async () => {
  assert.equal(await aliceSays("x".repeat(1_000_000)), `${TOLD}from alice: next\n`);
});

test("a line that is too long and never ends is told at the end", async () => {
  const said = (await play(server.port, `alice\n${"x".repeat(1000)}`)).toString();
  assert.equal(said, TOLD);
});

test("before login it is told, and the connection is closed", async () => {
  const said = (await play(server.port, `${"x".repeat(1000)}\nalice\nalice: hi\n`)).toString();
  assert.equal(said, TOLD);
});

test("by default a line has 64 KiB", async (t) => {
  const server = await TestServer.start(t);
  for (const [bytes, isTaken] of [
    [65_536, true],
    [65_537, false],
  ] as const) {
    const { line, expected } = lineOf(bytes);
    const said = (await play(server.port, `alice\n${line}\n`)).toString();
    assert.equal(said, isTaken ? expected : TOLD);
  }
});
