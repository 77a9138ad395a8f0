// A thread that dies does not take its work with it. A server whose commit thread could not load its
// modules, for want of open files, said for ever that its log could not be written.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { Thread } from "./thread.ts";

type Echo = { echo(text: string): string; die(): void; fail(): void };

const MODULE = `
  import { existsSync } from "node:fs";
  import { serve } from ${JSON.stringify(new URL("./thread.ts", import.meta.url).href)};
  serve(({ obstacle }) => {
    if (existsSync(obstacle)) throw new Error("there is an obstacle");
    return {
      echo: (text) => text,
      die: () => process.exit(3),
      fail: () => { throw new Error("it failed"); },
      close: () => {},
    };
  });
`;

interface Tried {
  readonly thread: Thread<Echo>;
  readonly obstacle: string;
  readonly deaths: string[];
}

function thread(t: TestContext, isBlocked = false): Tried {
  const folder = mkdtempSync(join(tmpdir(), "partyline-thread-"));
  const obstacle = join(folder, "obstacle");
  writeFileSync(join(folder, "echo.mts"), MODULE);
  if (isBlocked) writeFileSync(obstacle, "");
  const deaths: string[] = [];
  const caller = pathToFileURL(join(folder, "caller.mts")).href;
  const thread = new Thread<Echo>("echo", caller, { obstacle }, ({ message }) => {
    deaths.push(message);
  });
  t.after(async () => {
    await thread.close();
    rmSync(folder, { recursive: true });
  });
  return { thread, obstacle, deaths };
}

test("what fails is told to who asked, and ends nothing", async (t) => {
  const { thread: asked, deaths } = thread(t);
  await assert.rejects(asked.call("fail", undefined), new Error("it failed"));
  assert.equal(await asked.call("echo", "still there"), "still there");
  assert.deepEqual(deaths, []);
});

test("one that dies is begun anew, and what it was asked is rejected", async (t) => {
  const { thread: asked, deaths } = thread(t);
  const answers = [asked.call("die", undefined), asked.call("echo", "too late")];
  for (const answer of await Promise.allSettled(answers)) assert.equal(answer.status, "rejected");
  assert.equal(deaths.length, 1, "told once");
  assert.equal(await asked.call("echo", "again"), "again");
});

test("one that cannot begin says why, and can when nothing keeps it from it any more", async (t) => {
  const { thread: asked, obstacle, deaths } = thread(t, true);
  const early = asked.call("echo", "early");
  await assert.rejects(asked.ready, /there is an obstacle/);
  await assert.rejects(early, /there is an obstacle/);
  await assert.rejects(asked.call("echo", "still early"), /there is an obstacle/);
  rmSync(obstacle);
  assert.equal(await asked.call("echo", "now"), "now");
  assert.deepEqual(deaths, [], "what was never ready did nothing");
});

test("closing is no death", async (t) => {
  const { thread: asked, deaths } = thread(t);
  const last = asked.call("echo", "last");
  await asked.close();
  assert.equal(await last, "last");
  await assert.rejects(asked.call("echo", "after"));
  assert.deepEqual(deaths, []);
});
