// What people type is where they mean.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "./address.ts";

test("a host and a port are TCP", () => {
  assert.equal(parseAddress("localhost:8080"), "partyline://localhost:8080");
  assert.equal(parseAddress("[::1]:8080"), "partyline://[::1]:8080");
  assert.equal(parseAddress("chat.example.org"), "partyline://chat.example.org");
});

test("a URL says what it means, a page's address too", () => {
  assert.equal(parseAddress("wss://chat.example.org"), "wss://chat.example.org");
  assert.equal(parseAddress("https://chat.example.org/"), "wss://chat.example.org/");
  assert.equal(parseAddress("http://localhost:8080"), "ws://localhost:8080");
  assert.equal(parseAddress("partylines://chat.example.org:1"), "partylines://chat.example.org:1");
});

test("anything else is nowhere", () => {
  for (const text of ["", "ftp://x", "a b", "host:99999", "user@host", "host/path"]) {
    assert.equal(parseAddress(text), undefined, text);
  }
});
