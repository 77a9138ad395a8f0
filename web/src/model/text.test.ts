// What a body is shown as: everything that was written, and nothing that was not.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../../test/harness/check.ts";
import { assertLinear } from "../../../test/harness/linear.ts";
import { isOnlyEmoji, parseText } from "./text.ts";

/** As `kind:text`, a link with where it leads. */
function shown(body: string): string[] {
  return parseText(body).map((token) =>
    token.kind === "link" ? `link:${token.text}→${token.href}` : `${token.kind}:${token.text}`,
  );
}

test("links end where people mean them to", () => {
  assert.deepEqual(shown("see https://a.example/b, please."), [
    "text:see ",
    "link:https://a.example/b→https://a.example/b",
    "text:, please.",
  ]);
  assert.deepEqual(shown("(https://a.example/b_(c))"), [
    "text:(",
    "link:https://a.example/b_(c)→https://a.example/b_(c)",
    "text:)",
  ]);
  assert.deepEqual(shown("见https://a.example/。"), [
    "text:见",
    "link:https://a.example/→https://a.example/",
    "text:。",
  ]);
});

test("code, blocks and mentions", () => {
  assert.deepEqual(shown("`a` and ```js\nb\n``` @bob, #ops."), [
    "code:a",
    "text: and ",
    "block:b",
    "text: ",
    "mention:@bob",
    "text:, ",
    "mention:#ops",
    "text:.",
  ]);
  assert.deepEqual(shown("a@b.example `x"), ["text:a@b.example `x"]);
  assert.deepEqual(shown("``````"), ["text:``````"]);
  assert.deepEqual(shown("``` a b ```"), ["block: a b "]);
});

test("nothing is lost, and links lead to the web alone", async (t) => {
  const piece = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 8 }),
    fc.constantFrom(
      "`",
      "```",
      "\n",
      "@bob",
      "#ops",
      "https://a.example/",
      "javascript:x",
      "(",
      ")",
      " ",
    ),
  );
  const body = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(""));
  await check(
    t,
    fc.asyncProperty(body, (text) => {
      const tokens = parseText(text);
      let at = 0;
      for (const token of tokens) {
        const found = text.indexOf(token.text, at);
        assert.ok(found >= at, `${JSON.stringify(token)} of ${JSON.stringify(text)}`);
        // Between tokens lie the marks of code alone, and a block's language.
        assert.match(text.slice(at, found), /^(?:`|```[^\S\n]*[\w-]*\n?|\n?```|\n)*$/);
        at = found + token.text.length;
        if (token.kind === "link") assert.match(token.href, /^https?:\/\//);
      }
      assert.match(text.slice(at), /^(?:`|\n?```|\n)*$/);
      return Promise.resolve();
    }),
    { numRuns: 3000 },
  );
});

// A link of 60,000 brackets took two seconds each time that it was drawn: twenty of them froze whoever
// opened the conversation.
test("bodies of any kind take time that grows with their length", () => {
  const endings = [")", ".", " ", "`", "a", "\n", "🎉", "@a"];
  const beginnings = ["http://a", "@a", "#a", "`", "```", "```a\n", "🎉", ""];
  for (const beginning of beginnings) {
    for (const ending of endings) {
      const make = (length: number): string => `${beginning}${ending.repeat(length)}\u0001`;
      assertLinear(make, parseText);
      assertLinear(make, isOnlyEmoji);
    }
  }
});

test("a few emoji alone are large", () => {
  for (const large of ["🎉", "👋🏽 👨‍👩‍👧", "🇪🇺"]) assert.ok(isOnlyEmoji(large), large);
  for (const small of ["", "a", "🎉🎉🎉🎉", "1", "🎉!"]) assert.ok(!isOnlyEmoji(small), small);
});
