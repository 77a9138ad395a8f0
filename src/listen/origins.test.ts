import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import { originRefusal } from "./origins.ts";

for (const [what, origin, host, allowed, expected] of [
  ["no browser", undefined, "chat.example", [], true],
  ["a page of ours", "http://chat.example", "chat.example", [], true],
  ["a page of ours on its port", "http://localhost:8080", "localhost:8080", [], true],
  [
    "a page of ours, its default port written",
    "https://chat.example",
    "chat.example:443",
    [],
    true,
  ],
  ["a page of ours in capitals", "https://chat.example", "Chat.Example", [], true],
  ["a page of another port of this host", "http://localhost:3000", "localhost:8080", [], false],
  ["a page of somebody else", "https://evil.example", "chat.example", [], false],
  [
    "a page of a host that begins like ours",
    "https://chat.example.evil.example",
    "chat.example",
    [],
    false,
  ],
  ["a page from nowhere", "null", "chat.example", [], false],
  ["nonsense", "chat.example", "chat.example", [], false],
  ["a page without a host to compare it to", "https://chat.example", undefined, [], false],
  [
    "a page that is allowed",
    "https://team.example",
    "chat.example",
    ["https://team.example"],
    true,
  ],
  [
    "the same over plain HTTP",
    "http://team.example",
    "chat.example",
    ["https://team.example"],
    false,
  ],
  ["any page where all are", "https://evil.example", "chat.example", ["*"], true],
] as const) {
  test(`${what} ${expected ? "may" : "may not"}`, () => {
    const refused = originRefusal({ origin, host, isLoopback: false }, allowed);
    assert.equal(refused === undefined, expected);
  });
}

// A page of any site whose name was made to lead to this machine had this machine's rights.
for (const [name, expected] of [
  ["localhost", true],
  ["chat.localhost", true],
  ["127.0.0.1", true],
  ["[::1]", true],
  ["192.0.2.1", true],
  [hostname(), true],
  ["evil.example", false],
  [`${hostname()}.evil.example`, false],
  ["localhost.evil.example", false],
  ["127.0.0.1.evil.example", false],
] as const) {
  test(`on this machine a page of http://${name} ${expected ? "may" : "may not"}`, () => {
    const [origin, host] = [`http://${name}:8080`, `${name}:8080`];
    const refused = originRefusal({ origin, host, isLoopback: true }, []);
    assert.equal(refused === undefined, expected);
    if (!expected) assert.match(refused?.message ?? "", /--allowed-origins.*--trusted-proxy/);
    assert.equal(originRefusal({ origin, host, isLoopback: true }, [origin]), undefined);
    assert.equal(originRefusal({ origin, host, isLoopback: false }, []), undefined);
  });
}
