import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet, isNetwork } from "./clients.ts";
import { forwardedClient } from "./forwarded.ts";

const trusted = new AddressSet(["127.0.0.1", "10.0.0.0/8", "fd00::/8"]);

for (const [what, from, header, expected] of [
  ["nobody who is trusted", "192.0.2.9", "203.0.113.1", "192.0.2.9"],
  ["a proxy", "127.0.0.1", "203.0.113.1", "203.0.113.1"],
  ["a proxy in IPv6 form", "::ffff:127.0.0.1", "203.0.113.1", "203.0.113.1"],
  ["a proxy that names nobody", "127.0.0.1", undefined, "127.0.0.1"],
  ["a client that names somebody itself", "127.0.0.1", "1.2.3.4, 203.0.113.1", "203.0.113.1"],
  ["a chain of proxies", "127.0.0.1", "1.2.3.4, 203.0.113.1, 10.1.2.3", "203.0.113.1"],
  ["a client among the proxies", "127.0.0.1", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
  ["an address with a port", "10.0.0.1", "203.0.113.1:4711", "203.0.113.1"],
  ["an IPv6 address with a port", "fd00::1", "[2001:db8::7]:4711", "2001:db8::7"],
  ["an IPv6 address", "fd00::1", "2001:db8::7", "2001:db8::7"],
  ["nonsense", "127.0.0.1", "unknown", "127.0.0.1"],
  ["nonsense before a proxy", "127.0.0.1", "unknown, 10.0.0.2", "10.0.0.2"],
] as const) {
  test(`${what}: ${expected}`, () => {
    const headers = header === undefined ? {} : { "x-forwarded-for": header };
    const client = forwardedClient({ address: from, isSecure: false }, headers, trusted);
    assert.equal(client.address, expected);
  });
}

test("a proxy tells whether its client uses TLS, nobody else does", () => {
  const headers = { "x-forwarded-proto": "https" };
  const secure = (address: string, more = headers): boolean =>
    forwardedClient({ address, isSecure: false }, more, trusted).isSecure;
  assert.equal(secure("127.0.0.1"), true);
  assert.equal(secure("192.0.2.9"), false);
  assert.equal(secure("127.0.0.1", { "x-forwarded-proto": "https, http" }), false);
});

test("a network is an address and a number of bits that it has", () => {
  for (const text of ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0", "::/128"]) {
    assert.ok(isNetwork(text), text);
  }
  for (const text of ["", "localhost", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "a/8"]) {
    assert.ok(!isNetwork(text), text);
  }
});
