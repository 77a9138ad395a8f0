// docs/scripts.md: its examples run, and it has every option that there is, and none that there is not.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { COMMAND, partyline } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import { play } from "./harness/play.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

const document = readFileSync(resolve(import.meta.dirname, "../docs/scripts.md"), "utf8");

const examples = Array.from(document.matchAll(/```sh\n([^]*?)```/g), ([, code]) => code as string);

/**
 * `partyline`, but that listen ends after the first command that it has run: it ends its parent, which is
 * listen. `logger` needs a system's log.
 */
const SHIM = `#!/bin/sh
if test "$1" = listen
then
  for argument do
    shift
    test "$last" = --exec && argument="$argument
      code=\\$?; kill \\$PPID; exit \\$code"
    last=$argument
    set -- "$@" "$argument"
  done
fi
exec "$NODE" "$COMMAND" "$@"
`;

for (const [at, code] of examples.entries()) {
  test(`example ${at + 1} runs: ${code.split("\n")[0]}`, async (t) => {
    const server = await TestServer.start(t);
    const folder = temporaryFolder(t);
    const commands = temporaryFolder(t);
    writeFileSync(join(commands, "partyline"), SHIM, { mode: 0o700 });
    for (const name of ["logger", "git"]) {
      writeFileSync(join(commands, name), '#!/bin/sh\necho "$@"\n', { mode: 0o700 });
    }
    await play(server.port, "alice\nbot: hello\n");
    const child = spawn("sh", ["-eu", "-c", code], {
      cwd: folder,
      env: {
        ...ENVIRONMENT,
        PATH: `${commands}${delimiter}${process.env["PATH"]}`,
        NODE: process.execPath,
        COMMAND,
        PARTYLINE_SERVER: `127.0.0.1:${server.port}`,
        XDG_STATE_HOME: folder,
        last: "",
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    t.after(() => child.kill("SIGKILL"));
    const [errors, [exitCode]] = await Promise.all([text(child.stderr), once(child, "exit")]);
    assert.deepEqual([exitCode, errors], [0, ""]);
  });
}

test("docs/scripts.md has a row for every option, and names none that there is not", async () => {
  const known = new Set(["--help"]);
  for (const command of ["send", "listen"]) {
    const { stdout } = await partyline(command, "--help");
    for (const [, option] of stdout.matchAll(/^ +(?:-h, )?(--[a-z-]+)/gm))
      known.add(option as string);
  }
  const rows = new Set(
    Array.from(document.matchAll(/^\| `(--[a-z-]+)/gm), ([, option]) => option as string),
  );
  for (const option of known) if (option !== "--help") assert.ok(rows.has(option), option);
  for (const option of rows) assert.ok(known.has(option), option);
});
