// The web client's files as pages: what goes with them, and how much of it there is.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { createWebClient, WEB_FOLDER } from "./web-client.ts";

/** As much JavaScript may come to a browser, packed with gzip, in bytes. */
const MOST_JAVASCRIPT = 60 * 1024;

const pages = createWebClient();

async function ask(path: string, headers: Readonly<Record<string, string>> = {}) {
  const page = pages.get(path) ?? assert.fail(`${path} is not there`);
  return page(headers);
}

test("all JavaScript together is small enough for a slow phone", () => {
  const scripts = [...pages.keys()].filter((path) => path.endsWith(".js"));
  assert.ok(scripts.length >= 2, scripts.join());
  const sizes = scripts.map((path) => gzipSync(readFileSync(join(WEB_FOLDER, path))).length);
  const sum = sizes.reduce((all, size) => all + size, 0);
  assert.ok(sum <= MOST_JAVASCRIPT, `${sum} bytes`);
});

test("a page is packed as the browser takes it, and is the same", async () => {
  const plain = await ask("/");
  assert.equal(plain.headers?.["Content-Encoding"], undefined);
  const unpack = { br: brotliDecompressSync, gzip: gunzipSync };
  for (const [name, unpacked] of Object.entries(unpack)) {
    const packed = await ask("/", { "accept-encoding": `deflate, ${name};q=1` });
    assert.equal(packed.headers?.["Content-Encoding"], name);
    assert.equal(packed.headers?.["Vary"], "Accept-Encoding");
    assert.deepEqual(unpacked(Buffer.from(packed.body)), Buffer.from(plain.body));
  }
});

test("what a browser has already is not sent again", async () => {
  const { headers } = await ask("/");
  const again = await ask("/", { "if-none-match": headers?.["ETag"] ?? assert.fail() });
  assert.equal(again.status, 304);
  assert.equal(again.body.length, 0);
});

test("files named for what is in them are kept for good, the others are asked for each time", async () => {
  for (const path of pages.keys()) {
    const { headers } = await ask(path);
    const isLasting = headers?.["Cache-Control"]?.includes("immutable");
    assert.equal(isLasting, path.startsWith("/assets/"), path);
    assert.match(headers?.["Content-Security-Policy"] ?? "", /^default-src 'none'/);
    assert.notEqual(headers?.["Content-Type"], "application/octet-stream", path);
  }
});

test("a folder that is not there has no pages", () => {
  assert.equal(createWebClient("/nonexistent").size, 0);
});
