// Connections of one address, and which addresses are one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AddressCounts, isLoopback } from "./addresses.ts";
import { originOf } from "./clients.ts";

test("an address has as many as it may have, and another one its own", () => {
  const counts = new AddressCounts(2);
  assert.deepEqual(
    ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"].map((address) => counts.take(address)),
    [true, true, false, true],
  );
});

test("what is released can be taken again, and a release too many gives nothing", () => {
  const counts = new AddressCounts(1);
  counts.release("192.0.2.1");
  assert.ok(counts.take("192.0.2.1"));
  assert.ok(!counts.take("192.0.2.1"));
  counts.release("192.0.2.1");
  assert.ok(counts.take("192.0.2.1"));
  assert.ok(!counts.take("192.0.2.1"));
});

test("an IPv4 address is the same in IPv6 form", () => {
  const counts = new AddressCounts(1);
  assert.ok(counts.take("::ffff:192.0.2.1"));
  assert.ok(!counts.take("192.0.2.1"));
});

for (const [one, other] of [
  ["2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"],
  ["2001:db8::1", "2001:db8::2"],
  ["2001:db8::1:0:0:0:1", "2001:db8:0:1:5::"],
  ["fe80::1%eth0", "fe80::2"],
] as const) {
  test(`${one} and ${other} are of one /64, and counted as one`, () => {
    const counts = new AddressCounts(1);
    assert.ok(counts.take(one));
    assert.ok(!counts.take(other));
    counts.release(one);
    assert.ok(counts.take(other));
  });
}

test("two networks of IPv6 are two", () => {
  const counts = new AddressCounts(1);
  assert.ok(counts.take("2001:db8:0:1::1"));
  assert.ok(counts.take("2001:db8:0:2::1"));
});

test("loopback is not counted", () => {
  const counts = new AddressCounts(1);
  for (const address of ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"]) {
    assert.ok(isLoopback(address), address);
    for (let time = 0; time < 3; time += 1) assert.ok(counts.take(address));
    counts.release(address);
  }
  for (const address of ["128.0.0.1", "::2", "::ffff:192.0.2.1", "10.0.0.1"]) {
    assert.ok(!isLoopback(address), address);
  }
});

const triedFrom = (address: string): string =>
  originOf({ address, isLoopback: false, isSecure: true }).address;

test("passwords tried from the IPv6 addresses of one customer are tried from one", () => {
  assert.equal(triedFrom("2001:db8:1:2::1"), triedFrom("2001:db8:1:2:ffff::9"));
  assert.notEqual(triedFrom("2001:db8:1:2::1"), triedFrom("2001:db8:1:3::1"));
});
