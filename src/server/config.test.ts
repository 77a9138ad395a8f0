import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CommandError } from "./command-error.ts";
import { loadConfig } from "./config.ts";

const folder = mkdtempSync(join(tmpdir(), "partyline-config-"));
after(() => rmSync(folder, { recursive: true }));

let files = 0;

function configFile(content: unknown): string {
  const file = join(folder, `${++files}.json`);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof CommandError);
    assert.equal(error.exitCode, 2);
    assert.ok(!error.message.includes("\n"));
    return error.message;
  }
  return assert.fail("nothing was refused");
}

test("without anything given, the defaults hold", () => {
  const { config, origins } = loadConfig({}, {}, "/srv/chat");
  assert.deepEqual(config.listen, [{ host: "127.0.0.1", port: 8080 }]);
  assert.equal(config.data, "/srv/chat/partyline-data");
  assert.equal(config.durability, "disk");
  assert.equal(config.maxLineBytes, 65_536);
  assert.equal(config.maxWaitingBytes, 4 * 2 ** 30);
  assert.equal(config.loginTime, 30_000);
  assert.equal(config.hints, false);
  assert.equal(origins.listen, "default");
});

test("a flag beats a variable", () => {
  const { config, origins } = loadConfig({ maxRate: "1" }, { PARTYLINE_MAX_RATE: "2" }, folder);
  assert.equal(config.maxRate, 1);
  assert.equal(origins.maxRate, "--max-rate");
});

test("a variable beats the file", () => {
  const file = configFile({ "max-rate": 3 });
  const { config, origins } = loadConfig({ config: file }, { PARTYLINE_MAX_RATE: "2" }, folder);
  assert.equal(config.maxRate, 2);
  assert.equal(origins.maxRate, "PARTYLINE_MAX_RATE");
});

test("the file beats the default", () => {
  const file = configFile({ "max-rate": 3 });
  const { config, origins } = loadConfig({ config: file }, {}, folder);
  assert.equal(config.maxRate, 3);
  assert.equal(origins.maxRate, `"max-rate" in ${file}`);
});

test("a variable can name the file", () => {
  const file = configFile({ durability: "process" });
  assert.equal(loadConfig({}, { PARTYLINE_CONFIG: file }, folder).config.durability, "process");
});

test("several addresses come from repeated flags, from a variable and from an array alike", () => {
  const two = [
    { host: "127.0.0.1", port: 1 },
    { host: "::1", port: 2 },
  ];
  const text = "127.0.0.1:1,[::1]:2";
  const file = configFile({ listen: ["127.0.0.1:1", "[::1]:2"] });
  assert.deepEqual(loadConfig({ listen: text }, {}, folder).config.listen, two);
  assert.deepEqual(loadConfig({}, { PARTYLINE_LISTEN: text }, folder).config.listen, two);
  assert.deepEqual(loadConfig({ config: file }, {}, folder).config.listen, two);
});

test("a relative path in the file starts from the file's folder", () => {
  const file = configFile({ data: "data" });
  assert.equal(loadConfig({ config: file }, {}, "/elsewhere").config.data, join(folder, "data"));
});

test("a file may begin with a byte-order mark", () => {
  const file = configFile('\uFEFF{"max-rate": 3}');
  assert.equal(loadConfig({ config: file }, {}, folder).config.maxRate, 3);
});

test("a bad flag is named, with what is allowed", () => {
  assert.equal(
    refusal(() => loadConfig({ durability: "ram" }, {}, folder)),
    '--durability is "ram", not one of disk, process',
  );
});

test("a bad variable is named, with what is allowed", () => {
  assert.equal(
    refusal(() => loadConfig({}, { PARTYLINE_MAX_RECIPIENTS: "many" }, folder)),
    'PARTYLINE_MAX_RECIPIENTS is "many", not a whole number from 1 to 65536',
  );
});

test("a bad value in the file is named, with what is allowed", () => {
  const file = configFile({ "max-recipients": 0 });
  assert.equal(
    refusal(() => loadConfig({ config: file }, {}, folder)),
    `"max-recipients" in ${file} is "0", not a whole number from 1 to 65536`,
  );
});

test("a value of another JSON type is refused", () => {
  for (const value of [true, null, {}, [1], [[1]]]) {
    const file = configFile({ "max-recipients": value });
    assert.match(
      refusal(() => loadConfig({ config: file }, {}, folder)),
      /"max-recipients" in .* is .*, not a whole number/,
    );
  }
});

test("an unknown variable is named", () => {
  assert.match(
    refusal(() => loadConfig({}, { PARTYLINE_LISTN: "x" }, folder)),
    /^unknown variable PARTYLINE_LISTN: /,
  );
});

test("the variables of the clients are known", () => {
  // Who had PARTYLINE_SERVER set for them could not ask for a server's status, and no command of listen could.
  const names = ["SERVER", "TOKEN", "PASSWORD", "SEQ", "FROM", "TO", "BODY", "AT"];
  const environment = Object.fromEntries(names.map((name) => [`PARTYLINE_${name}`, "x"]));
  assert.doesNotThrow(() => loadConfig({}, environment, folder));
});

test("an unknown key in the file is named", () => {
  const file = configFile({ lisen: "127.0.0.1:1" });
  assert.match(
    refusal(() => loadConfig({ config: file }, {}, folder)),
    /^unknown key "lisen" in .*\.json: /,
  );
});

test("a key in another form is answered with the right one", () => {
  const file = configFile({ maxLineBytes: 1000 });
  assert.match(
    refusal(() => loadConfig({ config: file }, {}, folder)),
    /did you mean max-line-bytes\?$/,
  );
});

test("variables of other programs are left alone", () => {
  loadConfig({}, { PARTY: "x", MY_PARTYLINE_LISTEN: "x" }, folder);
});

test("a file that is not there is named", () => {
  assert.match(
    refusal(() => loadConfig({ config: "missing.json" }, {}, folder)),
    /^the configuration file missing\.json cannot be read: /,
  );
});

test("a file that is not JSON is named", () => {
  const file = configFile("listen: 127.0.0.1:1\n");
  assert.match(
    refusal(() => loadConfig({ config: file }, {}, folder)),
    /is not JSON: /,
  );
});

test("a file that is no object is refused", () => {
  const file = configFile([]);
  assert.match(
    refusal(() => loadConfig({ config: file }, {}, folder)),
    /is not a JSON object$/,
  );
});
