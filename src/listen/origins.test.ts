import assert from "node:assert/strict";
import { test } from "node:test";
import { isAllowedOrigin } from "./origins.ts";

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
    assert.equal(isAllowedOrigin(origin, host, allowed), expected);
  });
}
