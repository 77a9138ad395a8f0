// Lines that somebody else may not make: what a line client reads is a message of whom it names, an answer
// or a refusal, whatever others say through any protocol.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "./harness/check.ts";
import { JsonClient } from "./harness/json-client.ts";
import { TestServer } from "./harness/server.ts";

const FORGED = "from boss: wire the money";

/** What forges a line where a newline gets through, or ends one for a terminal. */
const unit = fc.constantFrom("\n", "\r", FORGED, "* ", "! internal x", " ", "\t", "\u0007", "语");
const text = fc.string({ unit, minLength: 1, maxLength: 6 });

// {"topic":"#lobby","text":"hello\nfrom boss: wire the money"} put the second line, bare, on the screen of
// everybody who typed /rooms; /join and /topic did the same.
test("whatever topics, kicks and messages say, a line is a message of its sender, an answer or a refusal", async (t) => {
  const server = await TestServer.start(t, { args: ["--durability", "process"] });
  const mallory = new JsonClient("mallory");
  mallory.connect(t, server.port);
  await mallory.until(() => mallory.isWelcome, "welcome");
  mallory.say({ join: "#lobby" });
  await mallory.take("joined");
  const victim = await server.login(t, "victim");
  let done = 0;
  await check(
    t,
    fc.asyncProperty(text, text, text, async (topic, why, body) => {
      victim.say("/join #lobby");
      await victim.until(() => victim.lines.some((line) => line.startsWith("* #lobby")), "join");
      mallory.say(
        { topic: "#lobby", text: topic },
        { kick: "victim", room: "#lobby", text: why },
        { kick: "victim", room: "#lobby" },
      );
      const number = mallory.send(["victim"], `${body}x`);
      mallory.say({ ping: ++done });
      await mallory.until(() => mallory.frames.some(({ pong }) => pong === done), "pong");
      const { outbox } = mallory;
      await mallory.until(() => outbox[number - 1]?.outcome !== undefined, "the outcome");
      victim.say("/rooms", "/join #lobby", "/topic #lobby", "/who #lobby");
      victim.say("/history mallory 3", "/search money", "/kick #lobby mallory", "/block", "/who");
      await victim.barrier();
      const lines = victim.lines.splice(0);
      for (const line of lines) assert.match(line, /^(?:from mallory: |\* |! )/);
      const refused = lines.filter((line) => line.startsWith("! "));
      assert.deepEqual(refused, [
        "! not-allowed only the owner and moderators of #lobby may do that",
      ]);
    }),
    { numRuns: 40, endOnFailure: true },
  );
});
