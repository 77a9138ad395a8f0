import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress, parseAddress } from "./address.ts";

test("an IPv4 address, a host name and a bracketed IPv6 address are addresses", () => {
  assert.deepEqual(parseAddress("127.0.0.1:8080"), { host: "127.0.0.1", port: 8080 });
  assert.deepEqual(parseAddress("localhost:0"), { host: "localhost", port: 0 });
  assert.deepEqual(parseAddress("[::1]:8080"), { host: "::1", port: 8080 });
});

test("what is not HOST:PORT is no address", () => {
  for (const text of [
    "",
    "8080",
    ":8080",
    "localhost",
    "a:65536",
    "a:-1",
    "::1:80",
    "[x]:1",
    "a b:1",
    "a:1 ",
  ]) {
    assert.equal(parseAddress(text), undefined, text);
  }
});

test("an address is written as it was read", () => {
  for (const text of ["127.0.0.1:8080", "[::1]:8080", "[fe80::1%eth0]:1"]) {
    assert.equal(formatAddress(parseAddress(text) as never), text);
  }
});
