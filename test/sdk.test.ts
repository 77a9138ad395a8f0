// The examples of docs/sdk.md and of the docstrings, run; and every public name has one.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { resolve } from "node:path";
import { after, test, type TestContext } from "node:test";
import * as client from "../src/client/index.ts";
import type { Scope } from "./harness/line-client.ts";
import { play } from "./harness/play.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

const ROOT = resolve(import.meta.dirname, "..");
const document = readFileSync(resolve(ROOT, "docs/sdk.md"), "utf8");

/** The examples of a text; `browser` ones are left out. */
function examplesOf(text: string): string[] {
  return Array.from(text.matchAll(/```ts\n([^]*?)```/g), ([, code]) => code as string);
}

const inDocstrings = globSync("src/client/*.ts", { cwd: ROOT }).flatMap((file) =>
  examplesOf(readFileSync(resolve(ROOT, file), "utf8").replace(/^ *\* ?/gm, "")).map(
    (code) => [file, code] as const,
  ),
);

const examples = [
  ...examplesOf(document).map((code) => ["docs/sdk.md", code] as const),
  ...inDocstrings,
].filter(([, code]) => !/indexedDbStore/i.test(code));

const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

function start(t: Scope): Promise<TestServer> {
  return TestServer.start(t, { args: ["--registration", "open", "--durability", "process"] });
}

const shared = start({ after });

/** Runs an example as the body of a function that has a line; its imports are the SDK's. */
async function run(t: TestContext, code: string): Promise<void> {
  // One that makes an account has a server of its own: its name is no open one afterwards.
  const server = code.includes("register") ? await start(t) : await shared;
  const url = `ws://127.0.0.1:${server.port}`;
  const folder = temporaryFolder(t);
  await play(server.port, "me\n/join #ops\n");
  await play(server.port, "mallory\n/join #ops\n");
  await play(server.port, "bob\nme: hello\nbot: hello\n");
  const line = client.connect(url, { name: "me" });
  t.after(() => line.close());
  const body = stripTypeScriptTypes(code.replace(/^import .*$/gm, ""))
    .replaceAll("ws://localhost:8080", url)
    .replaceAll("./bot", `${folder}/bot`)
    .replace(/^( *)const line = /m, "$1line = ");
  // A loop over messages has no end: one message is enough to see.
  const once = body.replace(/for await \(([^)]*\))\)/g, "for await ($1.take1())");
  const names = ["url", "connect", "memoryStore", "fileStore", "LineError", "console"];
  const silent = { log: () => {} };
  const lines: client.Line[] = [];
  const connect = (...given: Parameters<typeof client.connect>): client.Line => {
    const made = client.connect(...given);
    lines.push(made);
    return made;
  };
  t.after(() => Promise.all(lines.map((one) => one.close())));
  const example = new AsyncFunction("line", ...names, once);
  await example(line, url, connect, client.memoryStore, client.fileStore, client.LineError, silent);
}

/** Gives the first of what comes, and ends. */
async function* take1<T>(this: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const one of this) {
    yield one;
    return;
  }
}
Object.defineProperty(
  Object.getPrototypeOf(Object.getPrototypeOf(take1.prototype)) as object,
  "take1",
  {
    value: take1,
    configurable: true,
  },
);

for (const [index, [file, code]] of examples.entries()) {
  test(`example ${index + 1}, of ${file}, runs: ${code.split("\n", 1)[0]}`, (t) => run(t, code));
}

/** What a line can do is in two files. */
const LINE: string = ["line", "questions"]
  .map((name) => readFileSync(resolve(ROOT, `src/client/${name}.ts`), "utf8"))
  .join("\n");

test("every public name has an example", () => {
  const all = [document, ...inDocstrings.map(([, code]) => code)].join("\n");
  const questions = Object.getPrototypeOf(client.Line.prototype) as object;
  const hidden = new Set(
    Array.from(LINE.matchAll(/^ {2}protected (?:async )?(?!abstract)(\w+)/gm), ([, name]) => name),
  );
  const methods = [client.Line.prototype, questions]
    .flatMap((one) => Object.getOwnPropertyNames(one))
    .filter((name) => name !== "constructor" && !hidden.has(name));
  assert.ok(methods.includes("send") && methods.includes("history"));
  const exported = Object.keys(client).filter((name) => name !== "Line");
  for (const name of [...methods, ...exported]) {
    assert.match(all, new RegExp(`\\b${name}\\b`), `${name} has none`);
  }
});

/** Whatever says something, and not only what it throws. */
const DOCSTRING = /\/\*\*\s+(?:\*\s*)?[^@\s*][^]*\*\/\s*$/;

test("every method of a line has a docstring", () => {
  const publics = LINE.matchAll(/^(.*)\n {2}(?:async )?(?:get |\*)?([a-z]\w*)(?:<[^>]*>)?\(/gm);
  for (const [, before = "", name = ""] of publics) {
    if (["constructor", "for", "if", "return"].includes(name)) continue;
    assert.match(before, /\*\/\s*$/, `${name} has none`);
  }
  assert.doesNotMatch(
    LINE,
    /\/\*\* @throws[^\n]*\*\/\n {2}(?:async )?[a-z]/,
    "each says what it does",
  );
});

test("everything that the SDK exports has a docstring, the types too", () => {
  const read = (file: string): string => readFileSync(resolve(ROOT, file), "utf8");
  const lists = read("src/client/index.ts").matchAll(/^export (?:type )?\{([^}]*)\}/gm);
  const names = Array.from(lists, ([, list = ""]) => list.split(","))
    .flat()
    .map((name) => name.replace(/^\s*type /, "").trim())
    .filter((name) => name !== "");
  assert.ok(names.includes("Message") && names.includes("fileStore"));
  const sources = globSync(["src/client/*.ts", "src/protocol/json/*.ts"], { cwd: ROOT })
    .map(read)
    .join("\n");
  for (const name of ["connect", ...names]) {
    const declared = new RegExp(
      `^export (?:interface|type|class|(?:async )?function) ${name}\\b`,
      "m",
    );
    const at = sources.search(declared);
    assert.ok(at >= 0, `${name} is declared`);
    assert.match(sources.slice(0, at).slice(-800), DOCSTRING, `${name} has none`);
  }
});
