// The thread that hashes passwords. To the system it is the weakest: for a password there is time whenever
// nobody else wants the core.

import { argon2Sync, type Argon2Parameters } from "node:crypto";
import { constants, setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import type { Hash } from "./hasher.ts";

// On Linux a thread has a priority of its own (setpriority(2), "C library/kernel differences"); elsewhere this
// would be the whole server's.
if (process.platform === "linux") setPriority(constants.priority.PRIORITY_LOW);

parentPort?.on("message", (parameters: Argon2Parameters) => {
  const before = process.threadCpuUsage();
  const bytes = argon2Sync("argon2id", parameters);
  const { user, system } = process.threadCpuUsage(before);
  parentPort?.postMessage({ bytes, took: (user + system) / 1000 } satisfies Hash);
});
