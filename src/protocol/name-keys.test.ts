// Names are compared as the server compares them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLinear } from "../../test/harness/linear.ts";
import { mentions, nameKey } from "./name-keys.ts";

test("a name has one key however it is written, and a room another", () => {
  assert.equal(nameKey("Bob"), nameKey("bob"));
  assert.equal(nameKey("straße"), nameKey("STRASSE"));
  assert.notEqual(nameKey("#bob"), nameKey("bob"));
  assert.equal(nameKey("no name: at all"), "no name: at all");
});

test("a text mentions a name that stands in it as a word", () => {
  for (const text of ["bob: hi", "hi Bob!", "ask bob.", "@bob", "(bob)", "bob"]) {
    assert.ok(mentions(text, "bob"), text);
  }
  for (const text of ["bobby", "kebob", "b ob", ""]) assert.ok(!mentions(text, "bob"), text);
});

// A word of 60,000 dots took its reader's client seconds, and whoever sends many of them takes it for good.
test("a long text is looked through in time that grows with it", () => {
  assertLinear(
    (length) => `a${".".repeat(length)}b`,
    (text) => mentions(text, "bob"),
  );
  assertLinear(
    (length) => "a".repeat(length),
    (text) => mentions(text, "bob"),
  );
  assert.ok(mentions(`bob${".".repeat(1000)}`, "bob"));
});
