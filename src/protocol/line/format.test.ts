// The line protocol's output, byte for byte: one line each, and no body that forges another.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { packBodies } from "../bodies.ts";
import { formatAnswer, formatError, formatFound, formatHistory, formatMessages } from "./format.ts";
import { describeDone, describeRoom, describeTopic } from "./room-answers.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

test("a message is a line", () => {
  assert.equal(formatMessages("alice", "bob", "hi"), "from alice: hi\n");
});

test("a message in a room says in which", () => {
  assert.equal(formatMessages("alice", "#ops", "hi"), "from alice in #ops: hi\n");
});

test("an empty message is a line", () => {
  assert.equal(formatMessages("alice", "bob", ""), "from alice: \n");
});

test("each of several messages is a line", () => {
  const bodies = packBodies(["one", "", "three"]);
  assert.equal(formatMessages("a", "bob", bodies), "from a: one\nfrom a: \nfrom a: three\n");
});

test("each line of a body is a line of its own, so that none is forged", () => {
  assert.equal(
    formatMessages("a", "bob", "x\nfrom bob: y\n"),
    "from a: x\nfrom a: from bob: y\nfrom a: \n",
  );
});

test("whatever is said, every line says who said it", () => {
  const said = fc.array(
    fc.string({ unit: fc.constantFrom("a", "\n", ":", "f", " ", "语", "$&") }),
    {
      minLength: 1,
    },
  );
  fc.assert(
    fc.property(said, (bodies) => {
      const lines = bodies.flatMap((body) => body.split("\n"));
      assert.equal(
        formatMessages("al", "bob", packBodies(bodies)),
        lines.map((line) => `from al: ${line}\n`).join(""),
      );
    }),
    { numRuns: 1000, verbose: 1 },
  );
});

test("a name is written as it is, also one that means something to replace()", () => {
  assert.equal(formatMessages("$1", "bob", packBodies(["a", "b"])), "from $1: a\nfrom $1: b\n");
});

test("an error is its code and a sentence", () => {
  assert.equal(formatError("no-recipient", "who?"), "! no-recipient who?\n");
});

test("an answer begins with a star", () => {
  assert.equal(formatAnswer("alice"), "* alice\n");
});

// A topic of two lines, which a JSON client could set, put a bare "from boss: wire the money" on the
// screen of everybody who typed /rooms. Logs of that time still hold such topics.
test("whatever was said of a room or in it, a line is a message, an answer or a refusal", () => {
  const unit = fc.constantFrom("a", "\n", "from boss: hi", "* ", "! internal ", "\t", "语", "$&");
  const text = fc.string({ unit, maxLength: 8 });
  fc.assert(
    fc.property(text, text, (topic, body) => {
      const room = { topic, isPrivate: false, members: 1, isMember: false } as const;
      const written = [
        formatAnswer(describeRoom({ room: "#ops", standing: "none", ...room })),
        formatAnswer(describeTopic("#ops", topic)),
        formatAnswer(describeDone("topic", "#ops", undefined, topic)),
        formatHistory("al", AT, body),
        formatFound("al", "#ops", AT, body),
      ].join("");
      for (const line of written.slice(0, -1).split("\n")) assert.match(line, /^\* /);
      const messages = formatMessages("al", "bob", body) + formatMessages("al", "#ops", body);
      for (const line of messages.slice(0, -1).split("\n")) {
        assert.match(line, /^from al(?: in #ops)?: /);
      }
    }),
    { numRuns: 1000, verbose: 1 },
  );
});

test("history has the time in UTC, and a line for each line of each body", () => {
  assert.equal(
    formatHistory("alice", AT, packBodies(["one\ntwo", "three"])),
    "* 2026-01-02T03:04:05Z alice: one\n* 2026-01-02T03:04:05Z alice: two\n* 2026-01-02T03:04:05Z alice: three\n",
  );
});
