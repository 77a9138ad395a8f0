// Each language says all there is to say.

import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMANDS } from "../model/commands.ts";
import { en } from "./en.ts";
import { zhCn } from "./zh-cn.ts";

// What follows a command was in the table of commands, and in English for everybody.
test("each language says what a command does and what follows it", () => {
  for (const { help, language } of [en, zhCn]) {
    assert.deepEqual(Object.keys(help.commands), Object.keys(COMMANDS), language);
    assert.deepEqual(Object.keys(help.usages), Object.keys(en.help.usages), language);
    assert.deepEqual(Object.keys(help.keys), Object.keys(en.help.keys), language);
  }
});

test("each language knows every reason", () => {
  assert.deepEqual(Object.keys(zhCn.errors), Object.keys(en.errors));
});

test("what is lost with a logout is said as it is", () => {
  assert.equal(
    en.settings.logOutLost(2, 1),
    "Lost then: 2 messages that were not sent and 1 message that you began. Log out?",
  );
  assert.equal(zhCn.settings.logOutLost(0, 2), "将会丢失：2 份草稿。要退出吗？");
});
