import assert from "node:assert/strict";
import { test } from "node:test";
import { OPTION_KEYS, optionName, OPTIONS, optionVariable, type ServerOption } from "./options.ts";

test("a flag and a variable are the option's name in their own forms", () => {
  assert.equal(optionName("maxConnectionsPerAddress"), "max-connections-per-address");
  assert.equal(optionVariable("maxConnectionsPerAddress"), "PARTYLINE_MAX_CONNECTIONS_PER_ADDRESS");
});

for (const key of OPTION_KEYS) {
  const { kind, default: standard } = OPTIONS[key] as ServerOption<unknown>;

  test(`the default of --${optionName(key)} is allowed`, () => {
    assert.notEqual(kind.parse(standard, "/"), undefined);
  });

  test(`a value of --${optionName(key)} is read back as it is shown`, () => {
    const value = kind.parse(standard, "/");
    assert.deepEqual(kind.parse(kind.format(value), "/"), value);
  });
}
