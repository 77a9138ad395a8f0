// The line parser: the same commands however the text is cut, and as a plain reading of the
// protocol's rules says.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { unpackBodies } from "../bodies.ts";
import type { LineCommand } from "./command.ts";
import { LineParser } from "./parser.ts";

/** What a command says, with messages one by one: `bob,carol<hi`. */
function said(command: LineCommand): string[] {
  switch (command.kind) {
    case "send": {
      const bodies = unpackBodies(command.bodies);
      assert.equal(bodies.length, command.count);
      return bodies.map((body) => `${command.to.map(({ shown }) => shown).join()}<${body}`);
    }
    case "refused":
      return [`! ${command.error.code}`];
    case "history":
      return [`/history ${command.other.shown} ${command.count}`];
    default:
      return [`/${command.kind}`];
  }
}

function parse(chunks: readonly string[], most = Infinity): string[] {
  const parser = new LineParser(256);
  return chunks.flatMap((chunk) => {
    parser.push(chunk);
    const commands: string[] = [];
    for (let command; (command = parser.next(most)) !== undefined;) commands.push(...said(command));
    return commands;
  });
}

/** The rules of the protocol, a line at a time, without any regard to speed. */
function plainly(line: string): string[] {
  if (line.startsWith("/")) return said(parseOne(line));
  const colon = line.indexOf(":");
  if (colon < 0) return [];
  const names = line
    .slice(0, colon)
    .split(",")
    .map((name) => name.trim());
  const to = [...new Set(names.filter((name) => name !== ""))];
  if (to.length === 0) return ["! no-recipient"];
  const bad = to.find((name) => !/^#?[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]{0,31}$/u.test(name));
  if (bad !== undefined) return [bad.startsWith("#") ? "! bad-room" : "! bad-name"];
  const body = line.slice(colon + 1).trim();
  if (/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(body)) return ["! bad-body"];
  return [`${to.join()}<${body}`];
}

function parseOne(line: string): LineCommand {
  const parser = new LineParser(256);
  parser.push(`${line}\n`);
  const command = parser.next(1);
  assert.ok(command !== undefined);
  return command;
}

const head = fc.constantFrom(
  "bob",
  "carol",
  "bob, carol",
  " bob ,,bob",
  "",
  "#ops",
  "#",
  "bob,#ops",
  "x y",
  "语",
);
const body = fc.oneof(
  fc.constantFrom(
    "",
    "hi",
    " hi",
    "hi ",
    "\thi\t",
    "a: b",
    "bob: x",
    "a:  b",
    "语言",
    "\u0007",
    "\u00a0x",
  ),
  fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
);
const line = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.tuple(head, fc.constantFrom(":", ": "), body).map((parts) => parts.join("")),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "no colon",
      "/who",
      "/help",
      "/history bob",
      "/history bob 5",
      "/nothing: here",
      "",
    ),
  },
);
/** Lines as clients send them: many in a row to the same people. */
const text = fc.array(fc.tuple(line, fc.integer({ min: 1, max: 5 })), { maxLength: 12 });

test("lines mean what the rules say, one by one and many together", () => {
  fc.assert(
    fc.property(text, fc.constantFrom(1, 2, Infinity), (repeated, most) => {
      const lines = repeated.flatMap(([one, times]) => Array.from({ length: times }, () => one));
      const expected = lines.flatMap(plainly);
      assert.deepEqual(parse([lines.map((one) => `${one}\n`).join("")], most), expected);
      assert.deepEqual(
        parse(
          lines.map((one) => `${one}\r\n`),
          most,
        ),
        expected,
      );
    }),
    { numRuns: 2000, verbose: 1 },
  );
});

test("thousands of lines to the same people come as a few sends, and none is lost", () => {
  const lines = Array.from({ length: 5000 }, (_, i) => `bob: message ${i}\n`).join("");
  const parser = new LineParser(256);
  parser.push(lines);
  const sends: LineCommand[] = [];
  for (let command; (command = parser.next(Infinity)) !== undefined;) sends.push(command);
  assert.deepEqual(
    sends.flatMap(said),
    Array.from({ length: 5000 }, (_, i) => `bob<message ${i}`),
  );
  assert.ok(sends.length < 20, `${sends.length} sends`);
});

test("a recipient over the limit refuses the whole message", () => {
  const names = Array.from({ length: 257 }, (_, i) => `n${i}`).join();
  assert.deepEqual(parse([`${names}: hi\nbob: hi\n`]), ["! too-many-recipients", "bob<hi"]);
});

test("/register takes a password and an invitation, and refuses more words", () => {
  assert.deepEqual(parseOne("/register correct"), { kind: "register", password: "correct" });
  const invited = { kind: "register", password: "correct", invite: "horse" };
  assert.deepEqual(parseOne("/register  correct\thorse "), invited);
  assert.deepEqual(parse(["/register correct horse battery\n"]), ["! bad-password"]);
});

for (const count of ["0", "1001", "x", "1e3", "-1"]) {
  test(`/history refuses ${count} messages`, () => {
    assert.deepEqual(parse([`/history bob ${count}\n`]), ["! bad-number"]);
  });
}
