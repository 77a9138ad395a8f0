import assert from "node:assert/strict";
import { test } from "node:test";
import { FolderError } from "../log/sqlite/folder-error.ts";
import { explainFolderError, explainListenError } from "./start-error.ts";

test("an address in use is named, with what to do", () => {
  const error = Object.assign(new Error("listen EADDRINUSE"), { code: "EADDRINUSE" });
  assert.match(
    explainListenError({ host: "::1", port: 80 }, error).message,
    /^cannot listen on \[::1\]:80: another program listens there: .*--listen$/,
  );
});

test("what the log says about its folder is told as it is", () => {
  const error = new FolderError("the data folder /d is in use");
  assert.equal(explainFolderError("/d", error).message, "the data folder /d is in use");
});

test("a full disk is recognised behind what it caused", () => {
  const full = Object.assign(new Error("database or disk is full"), { errcode: 13 });
  const error = new FolderError("cannot open /d/partyline.db", { cause: full });
  assert.match(explainFolderError("/d", error).message, /^the disk of the data folder \/d is full/);
});

test("an error of several lines is told in one", () => {
  assert.equal(
    explainFolderError("/d", new Error("one\n  two")).message,
    "cannot use the data folder /d: one two",
  );
});
