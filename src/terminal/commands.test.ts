// What a submitted line asks for.

import assert from "node:assert/strict";
import { test } from "node:test";
import { COMMAND_NAMES, helpLines, parseRequest } from "./commands.ts";

test("a line is a message, unless it begins with a slash", () => {
  assert.deepEqual(parseRequest("hi /there"), { kind: "say", body: "hi /there" });
  assert.deepEqual(parseRequest("//etc/hosts"), { kind: "say", body: "/etc/hosts" });
});

test("each command takes what it needs", () => {
  assert.deepEqual(parseRequest("/join #ops"), { kind: "join", room: "#ops" });
  assert.deepEqual(parseRequest("/leave"), { kind: "leave" });
  assert.deepEqual(parseRequest("/leave #ops"), { kind: "leave", room: "#ops" });
  assert.deepEqual(parseRequest("/msg bob see you  at 5"), {
    kind: "msg",
    to: "bob",
    body: "see you  at 5",
  });
  assert.deepEqual(parseRequest("/msg #ops"), { kind: "msg", to: "#ops", body: "" });
  assert.deepEqual(parseRequest("/reply yes"), { kind: "reply", body: "yes" });
  assert.deepEqual(parseRequest("/topic v: 2"), { kind: "topic", text: "v: 2" });
  assert.deepEqual(parseRequest("/history"), { kind: "history", count: 20 });
  assert.deepEqual(parseRequest("/history 50"), { kind: "history", count: 50 });
  assert.deepEqual(parseRequest("/quit "), { kind: "quit" });
  assert.deepEqual(parseRequest("/HELP /Join"), { kind: "help", command: "join" });
  assert.deepEqual(parseRequest("/go 12"), { kind: "go", to: "12" });
  assert.equal(parseRequest("/private #ops off").kind, "ask");
});

test("what is wrong is said in a line that shows how it is right", () => {
  assert.deepEqual(parseRequest("/join ops"), {
    kind: "wrong",
    text: '/join #ROOM: "ops" is not a room: a room begins with "#"',
  });
  assert.equal(parseRequest("/join #a b").kind, "wrong");
  assert.equal(parseRequest("/msg #").kind, "wrong");
  assert.equal(parseRequest("/msg bob,carol hi").kind, "wrong");
  assert.deepEqual(parseRequest("/jion #ops"), {
    kind: "wrong",
    text: "/jion is no command; /help lists them",
  });
  assert.equal(parseRequest("/constructor").kind, "wrong");
  for (const line of ["/history 0", "/who nonsense", "/private x", "/private #ops x", "/go"]) {
    assert.equal(parseRequest(line).kind, "wrong", line);
  }
});

test("every command has help", () => {
  for (const name of COMMAND_NAMES) {
    const [line = ""] = helpLines(name.slice(1));
    assert.match(line, new RegExp(`^${name}( .*)?: .+`));
    assert.ok(helpLines().includes(line));
  }
});
