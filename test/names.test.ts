// Names through the port: any script, one person however he is written, and a name that is held
// stays with its holder.

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });

for (const [script, one, other] of [
  ["Chinese", "小明", "李雷"],
  ["Hindi", "अनीता", "कृष्ण"],
  ["Thai", "สมชาย", "กี่น้ำ"],
  ["Arabic", "مُحَمَّد", "ليلى"],
  ["Greek, Cyrillic and letters beyond the first plane", "Ωδυσσεύς", "𐐔𐐯𐑅"],
] as const) {
  test(`names in ${script} talk`, async (t) => {
    const first = await server.login(t, one);
    const second = await server.login(t, other);
    first.say(`${other}: ${one}`);
    await second.expect(`from ${one}: ${one}`);
    second.say(`${one} ,${other}: ${other}`);
    await first.expect(`from ${other}: ${other}`);
    await second.expect(`from ${other}: ${other}`);
  });
}

/** Somebody logs in with the first name and is written to under the second. */
for (const [what, shown, written] of [
  ["case", "Bob", "bOB"],
  ["composed and decomposed characters", "Jose\u0301", "Jos\u00e9"],
  ["compatibility forms", "Dora1", "Ｄｏｒａ１"],
  ["a ligature", "Office", "oﬃce"],
  ["a sharp s", "Strauß", "STRAUSS"],
  ["a final sigma", "Νίκος", "ΝΊΚΟΣ"],
  ["a half-width script", "カナ", "ｶﾅ"],
] as const) {
  test(`${what}: two ways of writing one name, shown as first used, in NFC`, async (t) => {
    const somebody = await server.login(t, shown);
    somebody.say(`${written}: to me`);
    await somebody.expect(`from ${shown.normalize("NFC")}: to me`);
    somebody.socket.destroy();
    const again = (await play(server.port, `${written}\n${shown}: again\n`)).toString();
    assert.equal(again, `from ${shown.normalize("NFC")}: again\n`);
  });
}

test("the first login decides how a name is shown, not who wrote to it before", async () => {
  await play(server.port, "writer\nLATER: hi\n");
  const said = (await play(server.port, "Later\nlater: me\n")).toString();
  assert.equal(said, "from writer: hi\nfrom Later: me\n");
});

test("a name with spaces around it is the name", async () => {
  assert.equal((await play(server.port, "  pad \nPad: x\n")).toString(), "from pad: x\n");
});

test("a name of 32 characters is one, however many bytes they have", async () => {
  const longest = "𐐔".repeat(32);
  const said = (await play(server.port, `${longest}\n${longest}: x\n`)).toString();
  assert.equal(said, `from ${longest}: x\n`);
});

/** What is no name, and whether it could be in a list of recipients at all. */
const BAD_NAMES: readonly (readonly [what: string, name: string, isOneRecipient: boolean])[] = [
  ["nothing", "", false],
  ["two words", "two words", true],
  ["a comma inside", "a,b", false],
  ["a dash in front", "-dash", true],
  ["a dot in front", ".dot", true],
  ["a mark in front", "\u0301mark", true],
  ["a slash inside", "a/b", true],
  ["a room", "#room", false],
  ["a smile", "smile👋", true],
  ["a space without width", "zero\u200bwidth", true],
  ["a joiner", "zero\u200djoiner", true],
  ["a turn of direction", "right\u202eto-left", true],
  ["a tab inside", "tab\tin", true],
  ["a bell", "bell\u0007", true],
  ["NUL", "nul\0", true],
  ["33 characters", "x".repeat(33), true],
  ["33 characters of two bytes", "é".repeat(33), true],
];

for (const [what, name, isOneRecipient] of BAD_NAMES) {
  test(`${what} is no name to log in with: one line, and the end`, async (t) => {
    const client = server.connect(t).say(name, "pad: never said");
    await client.end();
    assert.equal(client.lines.length, 1);
    assert.match(client.lines[0] ?? "", /^! bad-name ".*" is not a name: /);
    assert.doesNotMatch(client.lines[0] ?? "", /\p{Cc}/u, "nothing that could forge a line");
  });

  if (!isOneRecipient) continue;
  test(`${what} is no recipient: one line, and the connection lives on`, async () => {
    const said = (await play(server.port, `kim\n${name}: x\nkim: still here\n`)).toString();
    assert.match(said, /^! bad-name [^\n]+\nfrom kim: still here\n$/);
  });
}

test("a second login with a held name is told so and closed, and speaks under no name", async (t) => {
  const alice = await server.login(t, "alice");
  const watcher = await server.login(t, "watcher");
  const second = server.connect(t).say("ALICE", "watcher: I am alice");
  await second.end();
  assert.deepEqual(second.lines, ['! name-taken "alice" is already connected']);
  watcher.say("alice: who was that?");
  await alice.expect("from watcher: who was that?");
  alice.say("watcher: me");
  await watcher.expect("from alice: me");
  assert.deepEqual(watcher.lines, []);
});

test("a second login takes nothing of what waits or comes for the first", async (t) => {
  const carol = await server.login(t, "carol");
  const second = server.connect(t).say("carol");
  await play(server.port, "dave\ncarol: one\ncarol: two\n");
  await second.end();
  assert.deepEqual(second.lines, ['! name-taken "carol" is already connected']);
  await carol.expect("from dave: one", "from dave: two");
});

test("a name is free again once its holder has left, in whatever way", async (t) => {
  for (const leave of ["finish", "destroy", "reset"] as const) {
    const erin = await server.login(t, "erin");
    if (leave === "finish") erin.finish();
    else if (leave === "destroy") erin.socket.destroy();
    else erin.reset();
    const again = await server.login(t, "erin");
    assert.deepEqual(again.lines, [], leave);
    await again.finish().end();
    again.socket.destroy();
  }
});
