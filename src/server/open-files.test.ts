import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionsWithin } from "./open-files.ts";

const limits = (openFiles: string): string =>
  `Limit                     Soft Limit           Hard Limit           Units
Max processes             127235               127235               processes
Max open files            ${openFiles.padEnd(20)} ${openFiles.padEnd(20)} files
`;

test("a system with enough open files changes nothing", () => {
  assert.equal(connectionsWithin(16_384, limits("1048576")), 16_384);
  assert.equal(connectionsWithin(16_384, limits("unlimited")), 16_384);
});

test("with fewer open files than connections, some are kept for the log", () => {
  assert.equal(connectionsWithin(16_384, limits("4096")), 4096 - 128);
});

test("with very few open files, half of them are for connections", () => {
  assert.equal(connectionsWithin(16_384, limits("48")), 24);
});

test("where the system does not tell, the option holds", () => {
  assert.equal(connectionsWithin(16_384, ""), 16_384);
});
