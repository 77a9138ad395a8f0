// Passwords: hashed as OWASP advises, and checked in bounded numbers.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ChatError } from "../protocol/errors.ts";
import { checkNewPassword, Passwords } from "./passwords.ts";

test("a password is right or not, and the same in every form of its characters", async () => {
  const passwords = new Passwords();
  const stored = await passwords.hash("caf\u00e9 zum Hirsch");
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await passwords.isRight("cafe\u0301 zum Hirsch", stored), true);
  assert.equal(await passwords.isRight("cafe zum Hirsch", stored), false);
  assert.notEqual(await passwords.hash("caf\u00e9 zum Hirsch"), stored);
});

test("a name without a password takes as long as one with it, and is never right", async () => {
  const passwords = new Passwords();
  assert.equal(await passwords.isRight("anything", undefined), false);
});

test("more than fifty at a time are refused, and the others are checked", async () => {
  const passwords = new Passwords();
  const asked = Array.from({ length: 60 }, () =>
    passwords.isRight("x", undefined).catch((error: ChatError) => error.code),
  );
  const answers = await Promise.all(asked);
  assert.equal(answers.filter((answer) => answer === "busy").length, 10);
  assert.equal(answers.filter((answer) => answer === false).length, 50);
});

for (const [password, isGood] of [
  ["1234567", false],
  ["12345678", true],
  ["密码密码密码密码", true],
  ["x".repeat(257), false],
] as const) {
  test(`a new password of ${Array.from(password).length} characters is ${isGood ? "" : "not "}taken`, () => {
    if (isGood) checkNewPassword(password);
    else assert.throws(() => checkNewPassword(password), { code: "bad-password" });
  });
}
