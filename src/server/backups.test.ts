import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Backups } from "./backups.ts";

const root = mkdtempSync(join(tmpdir(), "partyline-backup-"));
after(() => rmSync(root, { recursive: true }));

const LOG = { backup: (file: string) => writeFile(file, "whole") };

function place(): { folder: string; file: string } {
  const folder = mkdtempSync(join(root, "backups-"));
  return { folder, file: join(folder, "backup.db") };
}

test("a backup has its name when it is whole, and nothing else is left beside it", async () => {
  const { folder, file } = place();
  assert.deepEqual(await new Backups(LOG).write(file, () => {}), { file, bytes: 5 });
  assert.equal(readFileSync(file, "utf8"), "whole");
  assert.deepEqual(readdirSync(folder), ["backup.db"]);
});

test("nobody but its owner may read a backup", async () => {
  const { file } = place();
  await new Backups(LOG).write(file, () => {});
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test("a file that exists is refused and kept", async () => {
  const { file } = place();
  writeFileSync(file, "mine");
  await assert.rejects(
    new Backups(LOG).write(file, () => {}),
    {
      message: `${file} exists already: choose another file`,
    },
  );
  assert.equal(readFileSync(file, "utf8"), "mine");
});

test("a file that appears meanwhile is refused and kept", async () => {
  const { file } = place();
  const log = {
    async backup(copy: string): Promise<void> {
      await writeFile(copy, "whole");
      await writeFile(file, "mine");
    },
  };
  await assert.rejects(
    new Backups(log).write(file, () => {}),
    /exists already/,
  );
  assert.equal(readFileSync(file, "utf8"), "mine");
});

test("a backup that fails leaves nothing behind", async () => {
  const { folder, file } = place();
  const log = {
    async backup(copy: string): Promise<void> {
      await writeFile(copy, "half");
      throw new Error("no room");
    },
  };
  await assert.rejects(
    new Backups(log).write(file, () => {}),
    {
      message: `cannot write the backup ${file}: no room`,
    },
  );
  assert.deepEqual(readdirSync(folder), []);
});

test("a folder that does not exist is named", async () => {
  const file = join(root, "nowhere", "backup.db");
  await assert.rejects(
    new Backups(LOG).write(file, () => {}),
    /cannot write the backup .*nowhere/,
  );
});

test("a backup that is abandoned leaves nothing behind", async () => {
  const { folder, file } = place();
  const copying = Promise.withResolvers<void>();
  const backups = new Backups({ backup: () => copying.promise });
  const written = backups.write(file, () => {});
  backups.abandon();
  assert.deepEqual(readdirSync(folder), []);
  copying.resolve();
  await assert.rejects(written, /cannot write the backup/);
});
