// Passwords: hashed as OWASP advises, and compared with what is stored.

import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../broker/clock.ts";
import { checkNewPassword, Passwords } from "./passwords.ts";

const HERE = { address: "127.0.0.1", isGone: () => false };

test("a password is right or not, and the same in every form of its characters", async () => {
  const passwords = new Passwords(systemClock);
  const stored = await passwords.hash("caf\u00e9 zum Hirsch");
  assert.match(stored, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  assert.equal(await passwords.isRight("cafe\u0301 zum Hirsch", stored, HERE), true);
  assert.equal(await passwords.isRight("cafe zum Hirsch", stored, HERE), false);
  assert.notEqual(await passwords.hash("caf\u00e9 zum Hirsch"), stored);
});

test("a name without a password takes as long as one with it, and is never right", async () => {
  const passwords = new Passwords(systemClock);
  assert.equal(await passwords.isRight("anything", undefined, HERE), false);
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
