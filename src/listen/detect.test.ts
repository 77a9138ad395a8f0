import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { detect, type Protocol } from "./detect.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "latin1");

for (const [what, text, protocol] of [
  ["a TLS handshake record", "\x16\x03\x01\x02\x00\x01", "tls"],
  ["a control character that begins no TLS record", "\x16\x02", "line"],
  ["a request", "GET /health/live HTTP/1.1\r\n", "http"],
  ["a request with a longer method", "OPTIONS * HTTP/1.1\r\n", "http"],
  ["the beginning of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "http"],
  ["a method alone, which is a name", "GET\n", "line"],
  ["a method with a carriage return", "GET\r\n", "line"],
  ["a method in small letters", "get /", "line"],
  ["a name that begins like a method", "GETTY\n", "line"],
  ["an object", '{"login":"alice"}\n', "json"],
  ["an object after a space", ' {"login"', "line"],
  ["an IRC command", "NICK alice\r\n", "irc"],
  ["another", "CAP LS 302\r\n", "irc"],
  ["a command alone, which is a name", "NICK\n", "line"],
  ["a name", "alice\n", "line"],
  ["a name of other letters", Buffer.from("语\n").toString("latin1"), "line"],
  ["an empty line", "\n", "line"],
  ["NUL", "\0", "line"],
] as const satisfies [string, string, Protocol][]) {
  test(`${what} is ${protocol}`, () => {
    assert.deepEqual(detect(bytes(text)), { protocol, skip: 0 });
  });

  test(`${what} is ${protocol} after a byte-order mark too, which is dropped`, () => {
    assert.deepEqual(detect(bytes(`\xef\xbb\xbf${text}`)), { protocol, skip: 3 });
  });
}

for (const text of ["", "\xef", "\xef\xbb\xbf", "G", "OPTIONS", "\x16", "NICK", "\xef\xbb\xbfPA"]) {
  test(`${JSON.stringify(text)} can still become several things`, () => {
    assert.equal(detect(bytes(text)), undefined);
  });
}

test("wherever the first bytes are split, the answer is the same, and the first one stays", async (t) => {
  const part = fc.oneof(
    fc.constantFrom("\xef\xbb\xbf", "\x16", "\x03", "{", " ", "\n", "GET", "POST", "NICK", "U"),
    fc.uint8Array({ maxLength: 3 }).map((raw) => Buffer.from(raw).toString("latin1")),
  );
  const beginnings = fc.array(part, { maxLength: 5 }).map((parts) => bytes(parts.join("")));
  const property = fc.asyncProperty(beginnings, async (whole) => {
    const answers = Array.from(whole, (_, at) => detect(whole.subarray(0, at))).concat(
      detect(whole),
    );
    const first = answers.findIndex((answer) => answer !== undefined);
    if (first < 0) return;
    for (const answer of answers.slice(first)) assert.deepEqual(answer, answers[first]);
  });
  await check(t, property, { numRuns: 3000 });
});

test("a dozen bytes always suffice", async (t) => {
  const property = fc.asyncProperty(
    fc.uint8Array({ minLength: 12, maxLength: 12 }),
    async (raw) => {
      assert.notEqual(detect(Buffer.from(raw)), undefined);
    },
  );
  await check(t, property, { numRuns: 1000 });
});
