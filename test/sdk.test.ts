// The examples of docs/sdk.md and of the docstrings, run against a server; and every public name has a docstring and
// an example that uses it.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { after, test, type TestContext } from "node:test";
import { indexedDB } from "fake-indexeddb";
import * as client from "../src/client/index.ts";
import * as protocol from "../src/protocol/index.ts";
import { examplesInDocstrings, examplesOf, outcomesOf, runExample } from "./harness/examples.ts";
import type { Scope } from "./harness/line-client.ts";
import { play } from "./harness/play.ts";
import { publicNames, usesIn } from "./harness/public-names.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

// What a browser has, and Node has not.
Object.assign(globalThis, { indexedDB });

const ROOT = resolve(import.meta.dirname, "..");

function read(file: string): string {
  return readFileSync(resolve(ROOT, file), "utf8");
}

const examples: readonly (readonly [string, string])[] = [
  ...examplesOf(read("docs/sdk.md")).map((code) => ["docs/sdk.md", code] as const),
  ...globSync("src/client/*.ts", { cwd: ROOT }).flatMap((file) =>
    examplesInDocstrings(read(file)).map((code) => [file, code] as const),
  ),
];

function start(t: Scope): Promise<TestServer> {
  return TestServer.start(t, { args: ["--registration", "open", "--durability", "process"] });
}

const ends: (() => unknown)[] = [];
after(() => ends.forEach((end) => end()));
let shared: Promise<TestServer> | undefined;

/** An example has a line, and somebody has written to it. */
async function run(t: TestContext, code: string): Promise<void> {
  // One that makes an account has a server of its own: its name is no open one afterwards.
  const server = code.includes("register")
    ? await start(t)
    : await (shared ??= start({ after: (end) => ends.push(end) }));
  const url = `ws://127.0.0.1:${server.port}`;
  const folder = temporaryFolder(t);
  await play(server.port, "me\n/join #ops\n");
  await play(server.port, "mallory\n/join #ops\n");
  await play(server.port, "bob\nme: hello\nbot: hello\n");
  const lines: client.Line[] = [];
  const connect = (...given: Parameters<typeof client.connect>): client.Line => {
    const made = client.connect(...given);
    lines.push(made);
    return made;
  };
  t.after(() => Promise.all(lines.map((one) => one.close())));
  const change = (body: string): string =>
    body
      .replaceAll("ws://localhost:8080", url)
      .replaceAll("./bot", `${folder}/bot`)
      .replace(/^( *)const line = /m, "$1line = ");
  const line = connect(url, { name: "me" });
  await runExample(code, change, { ...client, ...protocol, connect, line, url });
}

for (const [index, [file, code]] of examples.entries()) {
  test(`example ${index + 1}, of ${file}, does what it says: ${code.split("\n", 1)[0]}`, (t) =>
    run(t, code));
}

test("every example of the document says what comes of it", () => {
  for (const [file, code] of examples) {
    if (file === "docs/sdk.md") assert.notDeepEqual(outcomesOf(code), [], code);
  }
});

// A name counted as used when a comment had that word: `close` in "closed" did not, and in "to close it" it did.
const uses = usesIn(examples.map(([, code]) => code));

for (const [module, known] of [
  ["client", "Line.send"],
  ["protocol", "parseName"],
] as const) {
  const names = publicNames(resolve(ROOT, `src/${module}/index.ts`));

  test(`every public name of partyline/${module} is used in an example, outside of comments and strings`, () => {
    assert.ok(names.some(({ shown }) => shown === known));
    const unused = names.filter(({ name, use }) => !uses[use].has(name));
    assert.deepEqual(
      unused.map(({ shown, use }) => `${shown}, as ${use}`),
      [],
    );
  });

  test(`every public name of partyline/${module} has a docstring that says something`, () => {
    const silent = names.filter(({ hasDocstring }) => !hasDocstring);
    assert.deepEqual(
      silent.map(({ shown, file }) => `${shown} in ${file}`),
      [],
    );
  });
}
