// What is measured: a server of some kind that the benchmark starts on a free loopback port and ends.

import { existsSync } from "node:fs";
import { connect, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Child } from "../child.ts";
import type { DialectName } from "../load/dialects/dialects.ts";

export interface RunningTarget {
  readonly target: Target;
  readonly port: number;
  readonly pid: number;
  /** Milliseconds from the spawn to its word that it is ready, where it gives one. */
  readonly startMs?: number;
  /** Ends the process, in order if it can. Never rejects. */
  stop(): Promise<void>;
}

export interface Target {
  readonly name: string;
  readonly dialect: DialectName;
  /** What to do about it if it cannot be started here. */
  readonly missing?: string;
  /** Starts it with `folder`, which exists, for what it keeps. Resolves when it accepts connections. */
  start(folder: string): Promise<RunningTarget>;
}

/** How long a server may take to accept its first connection, in milliseconds. */
export const START_TIMEOUT = 60_000;

/** How long an ordered end may take, in milliseconds. */
export const STOP_TIMEOUT = 30_000;

/** Debian keeps servers where only root's PATH looks. */
const SYSTEM_FOLDERS = ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin"];

export function findCommand(command: string): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, command)).find((path) => existsSync(path));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no free port");
  server.close();
  await once(server, "close");
  return address.port;
}

/** Resolves when a connection is accepted on the port. */
export async function waitForPort(port: number, child: Child): Promise<void> {
  const end = performance.now() + START_TIMEOUT;
  while (!(await accepts(port))) {
    if (!child.runs) throw new Error(await child.whyEnded());
    if (performance.now() > end) throw new Error(`${child.name} does not accept connections`);
    await delay(20);
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return await new Promise((resolve) => {
    socket.on("connect", () => resolve(true));
    socket.on("error", () => resolve(false));
  }).then((accepted) => {
    socket.destroy();
    return accepted === true;
  });
}
