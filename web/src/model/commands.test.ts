// What was typed, and what it asks for; what it may still become.

import assert from "node:assert/strict";
import { test } from "node:test";
import { assertLinear } from "../../../test/harness/linear.ts";
import { commandsFor, parseRequest } from "./commands.ts";
import { complete, matching } from "./completion.ts";

test("what does not begin with one slash is a message", () => {
  for (const body of ["hi", " /join", "a/b", "http://x"]) {
    assert.deepEqual(parseRequest(body), { kind: "say", body });
  }
  assert.deepEqual(parseRequest("//etc/hosts"), { kind: "say", body: "/etc/hosts" });
});

test("commands take what they need, and say what is missing", () => {
  assert.deepEqual(parseRequest("/join ops"), { kind: "join", room: "#ops" });
  assert.deepEqual(parseRequest("/Join #Ops"), { kind: "join", room: "#Ops" });
  assert.deepEqual(parseRequest("/msg  bob  two  words "), {
    kind: "msg",
    to: "bob",
    body: "two  words",
  });
  assert.deepEqual(parseRequest("/topic v: 2"), { kind: "topic", text: "v: 2" });
  assert.deepEqual(parseRequest("/join"), { kind: "wrong", command: "join", isKnown: true });
  assert.deepEqual(parseRequest("/kick"), { kind: "wrong", command: "kick", isKnown: true });
  for (const unknown of ["/nonsense x", "/constructor", "/__proto__", "/"]) {
    const request = parseRequest(unknown);
    assert.equal(request.kind === "wrong" && request.isKnown, false, unknown);
  }
});

test("commands are offered until their name is whole", () => {
  assert.deepEqual(commandsFor("/jo"), ["join"]);
  assert.deepEqual(commandsFor("/join "), []);
  assert.deepEqual(commandsFor("jo"), []);
  assert.ok(commandsFor("/").length > 10);
});

test("Tab completes the word before the caret, and again gives the next one", () => {
  const names = ["bob", "Bert", "#build", "小明"];
  const turns = [0, 1, 2].map((turn) => complete("hi b there", 4, names, turn)?.text);
  assert.deepEqual(turns, ["hi bob there", "hi Bert there", "hi bob there"]);
  assert.deepEqual(complete("@be", 3, names, 0), { text: "@Bert ", caret: 6 });
  assert.deepEqual(complete("see #b", 6, names, 0), { text: "see #build ", caret: 11 });
  assert.deepEqual(complete("小", 1, names, 0), { text: "小明 ", caret: 3 });
  assert.equal(complete("", 0, names, 0), undefined);
  assert.equal(complete("x", 1, names, 0), undefined);
});

test("the switcher finds what begins so, then what holds it, rooms without their sign", () => {
  assert.deepEqual(matching(["#ops", "bob", "#bob-s"], "b"), ["bob", "#bob-s"]);
  assert.deepEqual(matching(["drops", "#ops"], "#op"), ["#ops", "drops"]);
});

test("a long text is completed in time that grows with it", () => {
  assertLinear(
    (length) => `${"a".repeat(length)} b`,
    (text) => complete(text, text.length, ["bob"], 0),
  );
});
