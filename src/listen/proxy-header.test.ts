import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { parseProxyHeader, type ProxyHeader } from "./proxy-header.ts";

const text = (header: string): Buffer => Buffer.from(header, "latin1");
const SIGN = text("\r\n\r\n\0\r\nQUIT\n");

/** Version 2. */
function header(command: number, family: number, content: readonly number[]): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(content.length);
  return Buffer.concat([SIGN, Buffer.of(command, family), length, Buffer.from(content)]);
}

const IPV4 = [192, 0, 2, 1, 198, 51, 100, 1, 0x12, 0x67, 0x1f, 0x90];
const IPV6 = [0x20, 1, 0xd, 0xb8, ...Array<number>(11).fill(0), 7, ...Array<number>(20).fill(0)];
const TLS = [0x20, 0, 5, 1, 0, 0, 0, 0];
const NO_TLS = [0x20, 0, 5, 0, 0, 0, 0, 0];
const EMPTY = [0x20, 0, 0];
const TOO_LONG = [0x20, 0xff, 0xff, 1];
const OTHER = [0x04, 0, 2, 0xff, 0xff];

for (const [what, bytes, expected] of [
  ["no header", text("alice\n"), { length: 0 }],
  ["a name that begins like one", text("PROXYmus\n"), { length: 0 }],
  [
    "version 1, IPv4",
    text("PROXY TCP4 192.0.2.1 198.51.100.1 4711 8080\r\n"),
    { length: 45, address: "192.0.2.1" },
  ],
  [
    "version 1, IPv6",
    text("PROXY TCP6 2001:db8::7 ::1 4711 8080\r\n"),
    { length: 38, address: "2001:db8::7" },
  ],
  ["version 1, unknown", text("PROXY UNKNOWN\r\n"), { length: 15 }],
  ["version 1, unknown with more", text("PROXY UNKNOWN a b c\r\n"), { length: 21 }],
  ["version 1, of no family", text("PROXY TCP5 192.0.2.1 198.51.100.1 1 2\r\n"), "bad"],
  ["version 1, of the wrong family", text("PROXY TCP6 192.0.2.1 198.51.100.1 1 2\r\n"), "bad"],
  ["version 1, without ports", text("PROXY TCP4 192.0.2.1 198.51.100.1\r\n"), "bad"],
  ["version 1 without an end", text(`PROXY ${"x".repeat(120)}`), "bad"],
  [
    "version 2, IPv4",
    header(0x21, 0x11, IPV4),
    { length: 28, address: "192.0.2.1", isSecure: false },
  ],
  [
    "version 2, IPv6",
    header(0x21, 0x21, IPV6),
    { length: 52, address: "2001:db8:0:0:0:0:0:7", isSecure: false },
  ],
  [
    "version 2 of a client with TLS",
    header(0x21, 0x11, [...IPV4, ...OTHER, ...TLS]),
    { length: 41, address: "192.0.2.1", isSecure: true },
  ],
  [
    "version 2 of a client without",
    header(0x21, 0x11, [...IPV4, ...OTHER, ...NO_TLS]),
    { length: 41, address: "192.0.2.1", isSecure: false },
  ],
  [
    "version 2 of a client of which nothing more is said",
    header(0x21, 0x11, [...IPV4, ...EMPTY]),
    { length: 31, address: "192.0.2.1", isSecure: false },
  ],
  // It said that the client has TLS, and was believed.
  ["version 2 with a field beyond its end", header(0x21, 0x11, [...IPV4, ...TOO_LONG]), "bad"],
  ["version 2 with half a field", header(0x21, 0x11, [...IPV4, ...OTHER, 0x20, 0]), "bad"],
  ["version 2, the proxy itself", header(0x20, 0, []), { length: 16 }],
  ["version 2, a Unix socket", header(0x21, 0x31, Array<number>(216).fill(0)), { length: 232 }],
  ["version 2, too short for its addresses", header(0x21, 0x11, [1, 2, 3, 4]), "bad"],
  ["version 2, too long", header(0x21, 0x11, Array<number>(5000).fill(0)), "bad"],
  ["version 3", header(0x31, 0x11, IPV4), "bad"],
] as const satisfies [string, Buffer, ProxyHeader | "bad"][]) {
  test(what, () => assert.deepEqual(parseProxyHeader(bytes), expected));

  test(`${what}, with its client's first bytes`, () => {
    assert.deepEqual(parseProxyHeader(Buffer.concat([bytes, text("bob\n")])), expected);
  });

  test(`${what}, cut anywhere, is not taken for anything else`, () => {
    for (let end = 0; end < bytes.length; end += 1) {
      const found = parseProxyHeader(bytes.subarray(0, end));
      if (found !== undefined) assert.deepEqual(found, expected, `at ${end}`);
    }
  });
}

test("no bytes at all make it throw", async (t) => {
  const start = fc.constantFrom(text(""), text("PROXY "), text("PROXY TCP4 "), SIGN);
  const property = fc.asyncProperty(
    start,
    fc.uint8Array({ maxLength: 300 }),
    async (sign, rest) => {
      parseProxyHeader(Buffer.concat([sign, rest]));
    },
  );
  await check(t, property, { numRuns: 2000 });
});
