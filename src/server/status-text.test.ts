import assert from "node:assert/strict";
import { test } from "node:test";
import { formatBytes, formatUptime } from "./status-text.ts";

test("an uptime is shown in its two largest units", () => {
  assert.equal(formatUptime(0), "0s");
  assert.equal(formatUptime(61_000), "1m 1s");
  assert.equal(formatUptime(3 * 86_400_000 + 59_000), "3d 0h");
});

test("bytes are shown in the unit that fits", () => {
  assert.equal(formatBytes(12), "12 bytes");
  assert.equal(formatBytes(1536), "1.5 KiB");
});
