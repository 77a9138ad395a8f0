// Frames as clients should not send them: each gets its documented code, and nothing else is thrown.

import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import {
  exampleOf,
  FIELDS,
  FRAME_KINDS,
  holds,
  isOptional,
  wrongValues,
} from "../../../test/harness/frame-examples.ts";
import { checkBody, unpackBodies } from "../bodies.ts";
import { ChatError } from "../errors.ts";
import { CLIENT_FRAMES, type FrameKind, KINDS } from "./frames.ts";
import { FrameParser, idOf, knownBy, parseFrame } from "./parse.ts";

function codeOf(text: string): string {
  try {
    parseFrame(text);
    return "none";
  } catch (error) {
    assert.ok(error instanceof ChatError, String(error));
    return error.code;
  }
}

const kinds = fc.constantFrom(...FRAME_KINDS);
const kindAndField = fc.constantFrom(...FIELDS);

const badOf = (kind: FrameKind, name: string): string =>
  kind === "send" && name === "send" ? "bad-send-number" : "bad-frame";

it("every frame comes out as it went in, with what is not known left out", () => {
  fc.assert(
    fc.property(kinds, fc.jsonValue(), (kind, more) => {
      const frame = exampleOf(kind);
      assert.deepEqual(parseFrame(JSON.stringify({ ...frame, unknown: more })), { kind, ...frame });
    }),
  );
});

it("a field that is missing is bad unless it may be", () => {
  fc.assert(
    fc.property(kindAndField, ([kind, name]) => {
      const { [name]: _, ...rest } = exampleOf(kind);
      const [first] = Object.keys(CLIENT_FRAMES[kind]);
      if (name === first) assert.notEqual(codeOf(JSON.stringify(rest)), "none");
      else
        assert.equal(
          codeOf(JSON.stringify(rest)),
          isOptional(kind, name) ? "none" : badOf(kind, name),
        );
    }),
  );
});

it("a field of the wrong kind, huge or nested, is bad", () => {
  fc.assert(
    fc.property(kindAndField, wrongValues, ([kind, name], value) => {
      if (KINDS[holds(kind, name)].check(value)) return;
      assert.equal(
        codeOf(JSON.stringify({ ...exampleOf(kind), [name]: value })),
        badOf(kind, name),
      );
    }),
    { numRuns: 500 },
  );
});

// `{"ping":1e400}` was answered with `{"pong":null}`, and of two outboxes "\\ud800" and "\\ud801" the log made one.
it("a label is what can be said back and kept: a finite number, or text without lone surrogates", () => {
  for (const label of ["1e400", "-1e400", '"\\ud800"', '"x\\udc00"', "null", '"\\udc00\\ud800"']) {
    assert.equal(codeOf(`{"ping":${label}}`), "bad-frame", label);
    assert.equal(codeOf(`{"login":"alice","outbox":${label}}`), "bad-frame", label);
    assert.equal(codeOf(`{"who":true,"id":${label}}`), "bad-frame", label);
  }
  for (const label of ["1e308", "-0.5", '"\\ud83d\\udd11"', '""']) {
    assert.equal(codeOf(`{"ping":${label}}`), "none", label);
  }
});

it("a send shows its number as it begins, and a request its label", () => {
  assert.deepEqual(knownBy('{"send":42,"to":["b'), { send: 42 });
  assert.deepEqual(knownBy('{ "send": 42, "to": ["b'), { send: 42 });
  assert.deepEqual(knownBy('{"id":42,"search":"b'), { id: 42 });
  assert.deepEqual(knownBy('{"id":"r\\u0031","search":"b'), { id: "r1" });
  for (const head of [
    '{"send":42',
    '{"send":042,',
    '{"send":x,',
    '{"to":["bob"],"send":42,',
    '{"id":"r1',
    '{"id":[1],',
    '{"search":"x","id":1,',
    "",
    "{",
  ]) {
    assert.deepEqual(knownBy(head), {}, head);
  }
});

it("what is wrong with a frame does not hide its id", () => {
  // A request of a kind that is not known, or with a bad field, was refused without it: who had asked
  // waited for an answer for ever.
  for (const frame of ['{"nope":1,"id":2}', '{"history":"bob","limit":5000,"id":2}', '{"id":2}']) {
    assert.equal(idOf(frame), 2);
  }
  assert.equal(idOf('{"join":5,"id":"two"}'), "two");
  assert.equal(idOf('{"id":3,"join":"#op'), 3, "of what is not JSON the beginning shows it");
  assert.throws(() => parseFrame('{"id":2,"nope":1}'), /"nope" is no frame/);
});

it("what cannot be read as an id is none", () => {
  for (const frame of ['{"join":5}', '{"id":{}}', `{"id":"${"x".repeat(65)}"}`, "[2]", "2", "{"]) {
    assert.equal(idOf(frame), undefined, frame);
  }
});

it("what is no frame at all is told so, and never throws anything else", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.string({ unit: "binary" })), (text) => {
      assert.match(codeOf(text), /^(none|bad-json|unknown-frame|bad-frame|bad-send-number)$/);
    }),
  );
  assert.equal(codeOf("[]"), "bad-json");
  assert.equal(codeOf("null"), "bad-json");
  assert.equal(codeOf("{"), "bad-json");
  assert.equal(codeOf("{}"), "unknown-frame");
  assert.equal(codeOf('{"dance":true}'), "unknown-frame");
  assert.equal(codeOf(`{"ping":1,"x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`), "none");
  assert.equal(codeOf('{"__proto__":{"login":"alice"}}'), "unknown-frame");
});

/** What comes of a frame: itself, or the code of its refusal. */
function outcomeOf(parse: (text: string) => unknown, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    assert.ok(error instanceof ChatError, String(error));
    return error.code;
  }
}

const number = fc.oneof(
  fc.nat().map(String),
  fc.constantFrom("0", "007", "1e3", "-1", "1.5", "9007199254740993", "99999999999999999999", ""),
);
const list = fc.constantFrom('["bob"]', '["bob","carol"]', '[ "bob"]', '["b\\u006fb"]', "[]", "7");
const body = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
  // As it is, quotes, backslashes and control characters too: much of it is no JSON.
  fc.string({ unit: "binary" }).map((text) => `"${text}"`),
  fc.constantFrom('"hi"', '"","body":"again"', '"","to":["eve"]', '"a\\"}', '"\ud800"', "7"),
);
const end = fc.constantFrom("}", "}", "}", " }", '}"}', "", "} ");
const sendText = fc
  .tuple(number, list, body, end)
  .map(([first, to, text, last]) => `{"send":${first},"to":${to},"body":${text}${last}`);

/** What comes of a text of lines as a connection takes it: runs where it can, else frame by frame. */
function outcomesOf(lines: string): unknown[] {
  const parser = new FrameParser();
  const outcomes: unknown[] = [];
  for (let at = 0; at < lines.length;) {
    const run = parser.parseRun(lines, at, 500);
    if (run === undefined) {
      const end = lines.indexOf("\n", at);
      outcomes.push(outcomeOf((text) => parser.parse(text), lines.slice(at, end)));
      at = end + 1;
      continue;
    }
    const { number: first, to, bodies } = run;
    const all = unpackBodies(bodies);
    assert.equal(all.length, run.count);
    for (const [i, each] of all.entries()) {
      assert.doesNotThrow(() => checkBody(each));
      outcomes.push({ kind: "send", send: first + i, to, body: each });
    }
    at = run.end;
  }
  return outcomes;
}

it("sends like the one before, which are compared and not parsed, come out as if they were parsed", () => {
  fc.assert(
    fc.property(fc.array(sendText, { minLength: 2 }), (texts) => {
      const frames = texts.map((text) => text.replaceAll("\n", " "));
      assert.deepEqual(
        outcomesOf(frames.map((frame) => `${frame}\n`).join("")),
        frames.map((frame) => outcomeOf(parseFrame, frame)),
      );
    }),
    { numRuns: 2000 },
  );
});

const frame = (send: number): string =>
  `${JSON.stringify({ send, to: ["bob"], body: `number ${send}` })}\n`;

it("sends with consecutive numbers are one run, up to as much as is taken together", () => {
  const parser = new FrameParser();
  parser.parse(frame(1).trim());
  const lines = [2, 3, 4, 6, 7].map(frame).join("");
  const first = parser.parseRun(lines, 0, 1e6);
  assert.deepEqual([first?.number, first?.count], [2, 3]);
  const second = parser.parseRun(lines, first?.end ?? 0, 1);
  assert.deepEqual([second?.number, second?.count, second?.bodies], [6, 1, "number 6"]);
  assert.equal(parser.parseRun(frame(8).replace("bob", "eve"), 0, 1e6), undefined);
});

it("sends to the same recipients are known by the same list", () => {
  const parser = new FrameParser();
  const lists = ["hi", 'a \\"quote\\"', "there"].map((text, i) => {
    const frame = parser.parse(`{"send":${i + 1},"to":["bob"],"body":"${text}"}`);
    return frame.kind === "send" ? frame.to : undefined;
  });
  assert.ok(lists[0] !== undefined && lists[0] === lists[1] && lists[1] === lists[2]);
});
