// The command as its user meets it: help, a Node that is too old, a folder that is not his.
// (Its other errors and its signals: `src/server/main.test.ts`.)

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { OPTION_KEYS, optionName, optionVariable } from "../src/server/options.ts";
import { COMMAND, partyline, run } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import { temporaryFolder } from "./harness/server.ts";

test("--help names every command", async () => {
  const { code, stdout, stderr } = await partyline("--help");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  for (const command of ["serve", "check-config", "status", "backup", "restore"]) {
    assert.match(stdout, new RegExp(`^ +${command}\\b`, "m"));
  }
});

test("serve --help names every option with its default", async () => {
  const { code, stdout } = await partyline("serve", "--help");
  assert.equal(code, 0);
  for (const key of OPTION_KEYS) assert.match(stdout, new RegExp(`--${optionName(key)}\\b`));
  assert.match(stdout.replaceAll(/\s+/g, " "), /bytes in a line \(default: 64KiB\)/);
});

test("--version is the package's", async () => {
  const { version } = JSON.parse(
    readFileSync(join(import.meta.dirname, "../package.json"), "utf8"),
  ) as { version: string };
  assert.deepEqual(await partyline("--version"), { code: 0, stdout: `${version}\n`, stderr: "" });
});

test("no command at all is wrong usage, and shows the help", async () => {
  const { code, stdout, stderr } = await partyline();
  assert.equal(code, 2);
  assert.match(stdout + stderr, /Usage: partyline/);
});

test("an unknown variable, and a bad value in one, are one line and exit 2", async () => {
  for (const [name, value, said] of [
    ["PARTYLINE_LISTEM", "x", /PARTYLINE_LISTEM/],
    [
      optionVariable("maxLineBytes"),
      "lots",
      /^partyline: PARTYLINE_MAX_LINE_BYTES is "lots", not a size /,
    ],
  ] as const) {
    const { code, stdout, stderr } = await run(process.execPath, [COMMAND, "check-config"], {
      env: { ...ENVIRONMENT, [name]: value },
    });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^partyline: [^\n]+\n$/);
    assert.match(stderr, said);
  }
});

/** A Node older than 24, where the system has one. */
function olderNode(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/bin", "/usr/bin"];
  return folders
    .map((folder) => join(folder, "node"))
    .filter((program) => existsSync(program))
    .find((program) => {
      const { stdout } = spawnSync(program, ["--version"], { encoding: "utf8" });
      return Number(/^v(\d+)\./.exec(stdout)?.[1] ?? 24) < 24;
    });
}

const older = olderNode();

const withOlder = { skip: older === undefined && "this machine has no Node older than 24" };

test(
  "a Node that is too old hands over to the one that npm ci has brought",
  withOlder,
  async () => {
    const { code, stdout } = await run(older as string, [COMMAND, "--version"]);
    assert.equal(code, 0);
    assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  },
);

test(
  "where there is none, a Node that is too old is one line that says so, and exit 1",
  withOlder,
  async (t) => {
    const command = join(temporaryFolder(t), "partyline");
    copyFileSync(COMMAND, command);
    const { code, stdout, stderr } = await run(older as string, [command, "serve"]);
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^partyline: Node\.js 24 or later is needed, and this is \d+\.[^\n]+\n$/);
  },
);

/** Root may read everything, so root lets somebody else try. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

test("a data folder that may not be read is one line, exit 1, and stays as it was", async (t) => {
  const { code } = await run(process.execPath, [COMMAND, "--version"], NOBODY);
  if (code !== 0) return t.skip("the program itself lies where nobody but root may read it");
  const folder = temporaryFolder(t);
  chmodSync(folder, 0);
  const ended = await run(
    process.execPath,
    [COMMAND, "serve", "--listen", "127.0.0.1:0", "--data", folder],
    NOBODY,
  );
  assert.equal(ended.code, 1);
  assert.equal(ended.stdout, "");
  assert.match(ended.stderr, /^partyline: [^\n]+\n$/);
  assert.ok(ended.stderr.includes(folder), ended.stderr);
});
