// Names: the grammar, and which names are one.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { ChatError } from "./errors.ts";
import { parseName, quote } from "./name.ts";

function isName(text: string): boolean {
  try {
    parseName(text);
    return true;
  } catch (error) {
    assert.ok(error instanceof ChatError && error.code === "bad-name");
    return false;
  }
}

test("letters, digits, marks, underscore, dot and dash make names in every script", () => {
  for (const name of ["a", "_", "7", "al.ice-2_", "小明", "अनीता", "สมชาย", "𐐔𐐯", "e\u0301"]) {
    assert.ok(isName(name), name);
  }
});

test("the first character is a letter, a digit or an underscore", () => {
  for (const name of [".a", "-a", "\u0301a", "\u0e31a", ""]) assert.ok(!isName(name), name);
});

test("spaces, punctuation, symbols, control and format characters are in no name", () => {
  for (const character of " \t\n\r:,#/!@'\"\0\u0007\u200b\u200d\u202e\ufeff👋\ud800") {
    assert.ok(!isName(`a${character}b`), JSON.stringify(character));
  }
});

// With a variation selector behind it, "bob" was another name that looks the same, and a Hangul filler
// alone was a name that looks like nothing.
test("characters that are not seen are in no name, and an error shows where they were", () => {
  for (const name of [
    "bob\ufe0f",
    "bob\u{e0101}",
    "a\u034fb",
    "\u3164",
    "\uffa0",
    "\u115f\u1160",
  ]) {
    assert.ok(!isName(name), JSON.stringify(name));
    assert.match(quote(name), /\ufffd/);
  }
  for (const character of everyCharacter()) {
    assert.doesNotMatch(parseName(character).key, /\p{DI}/u, character);
  }
});

test("32 characters are the most, counted as NFC and not in bytes or code units", () => {
  assert.ok(isName("x".repeat(32)) && !isName("x".repeat(33)));
  assert.ok(isName("𐐔".repeat(32)) && !isName("𐐔".repeat(33)));
  assert.ok(isName("e\u0301".repeat(32)));
});

test("a name is shown as it was typed, in NFC", () => {
  assert.equal(parseName("Jose\u0301").shown, "Jos\u00e9");
  assert.equal(parseName("Ｂｏｂ").shown, "Ｂｏｂ");
});

for (const [one, other] of [
  ["bob", "BOB"],
  ["José", "JOSE\u0301"],
  ["Ｂｏｂ", "bob"],
  ["ﬁn", "FIN"],
  ["straße", "STRASSE"],
  // The capital sharp s was its own upper case, and stayed apart from the small one.
  ["straße", "STRAẞE"],
  ["ΝΊΚΟΣ", "Νίκος"],
  ["x²", "x2"],
] as const) {
  test(`${one} and ${other} are one name`, () => {
    assert.equal(parseName(one).key, parseName(other).key);
  });
}

for (const [one, other] of [
  ["bob", "b0b"],
  ["bob", "bob_"],
  ["jose", "josé"],
  ["а", "a"],
] as const) {
  test(`${one} and ${other} are two names`, () => {
    assert.notEqual(parseName(one).key, parseName(other).key);
  });
}

/** One of each letter and number there is that is seen, in order. */
function* everyCharacter(): Generator<string> {
  for (let code = 0; code <= 0x10ffff; code += 1) {
    const character = String.fromCodePoint(code);
    if (/[\p{L}\p{N}]/u.test(character) && !/\p{DI}/u.test(character)) yield character;
  }
}

test("every letter there is has one key, in any case and any normal form", () => {
  for (const character of everyCharacter()) {
    const { key } = parseName(character);
    for (const form of [
      character.toUpperCase(),
      character.toLowerCase(),
      character.normalize("NFD"),
      character.normalize("NFKC"),
      key,
    ]) {
      // Some compatibility forms are longer than a name, or have spaces.
      if (form !== character && isName(form)) {
        assert.equal(parseName(form).key, key, `${character} and ${form}`);
      }
    }
  }
});

const anyName = fc
  .string({ unit: "binary", minLength: 1, maxLength: 6 })
  .filter((text) => text.isWellFormed() && isName(text));

test("whatever a name is, it is shown as a name of the same key", () => {
  fc.assert(
    fc.property(anyName, (text) => {
      const { key, shown } = parseName(text);
      assert.deepEqual(parseName(shown), { key, shown });
    }),
    { numRuns: 3000, verbose: 1 },
  );
});

test("what is quoted is short, in one line, and cannot move a terminal's cursor", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
      const quoted = quote(text);
      assert.ok(Array.from(quoted).length < 100);
      assert.doesNotMatch(quoted, /[\p{Cc}\p{Cs}\p{DI}\u2028\u2029]/u);
      assert.equal(typeof JSON.parse(quoted), "string");
    }),
    { numRuns: 1000, verbose: 1 },
  );
});
