import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressSet, type Client, isNetwork } from "./clients.ts";
import { forwardedClient } from "./forwarded.ts";

/** Who is connected, before a proxy is asked. */
const plain = (address: string): Client => ({ address, isLoopback: false, isSecure: false });

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
    const client = forwardedClient(plain(from), headers, trusted);
    assert.equal(client.address, expected);
  });
}

test("whom proxies do not name is nowhere near, and not secure by their word", () => {
  // "unknown", nonsense and nothing at all left the proxy's own address, which was this machine's: everybody was
  // let in as if he sat here.
  for (const header of [undefined, "", "unknown", "192.0.2.1, unknown", "garbage", ","]) {
    const named = header === undefined ? {} : { "x-forwarded-for": header };
    const headers = { ...named, "x-forwarded-proto": "https" };
    const client = forwardedClient(plain("127.0.0.1"), headers, trusted);
    assert.deepEqual(client, { address: "127.0.0.1", isLoopback: false, isSecure: false }, header);
  }
});

test("whom a proxy names on this machine is here", () => {
  const headers = { "x-forwarded-for": "127.0.0.9" };
  assert.equal(forwardedClient(plain("127.0.0.1"), headers, trusted).isLoopback, true);
});

test("who came to us over TLS is secure, whether he is named or not", () => {
  const client = { ...plain("127.0.0.1"), isSecure: true };
  assert.equal(forwardedClient(client, {}, trusted).isSecure, true);
  const headers = { "x-forwarded-proto": "http" };
  assert.equal(forwardedClient(client, headers, trusted).isSecure, false);
});

function secure(address: string, protocol = "https"): boolean {
  const headers = { "x-forwarded-for": "203.0.113.1", "x-forwarded-proto": protocol };
  return forwardedClient(plain(address), headers, trusted).isSecure;
}

test("a proxy tells whether its client uses TLS, nobody else does", () => {
  assert.equal(secure("127.0.0.1"), true);
  assert.equal(secure("192.0.2.9"), false);
  assert.equal(secure("127.0.0.1", "https, http"), false);
});

test("a network is an address and a number of bits that it has", () => {
  for (const text of ["127.0.0.1", "10.0.0.0/8", "::1", "fd00::/8", "0.0.0.0/0", "::/128"]) {
    assert.ok(isNetwork(text), text);
  }
  for (const text of ["", "localhost", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "a/8"]) {
    assert.ok(!isNetwork(text), text);
  }
});
