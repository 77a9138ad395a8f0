// Starts the servers that are Node programs of this project: Partyline itself, built, and the bare relay.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "../child.ts";
import { withDeadline } from "../deadline.ts";
import { type RunningTarget, START_TIMEOUT, STOP_TIMEOUT, type Target } from "./target.ts";

const SERVER = fileURLToPath(new URL("../../dist/server/main.js", import.meta.url));
const RELAY = fileURLToPath(new URL("../relay.ts", import.meta.url));

async function startNode(
  target: Target,
  script: string,
  args: readonly string[],
): Promise<RunningTarget> {
  const start = performance.now();
  const child = new Child(target.name, [process.execPath, script, ...args]);
  const listening = new Promise<number>((resolve) => {
    child.onLine = (line) => {
      const port = /^listening on 127\.0\.0\.1:(\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    };
  });
  try {
    const first = Promise.race([listening, child.whyEnded()]);
    const port = await withDeadline(first, START_TIMEOUT, `the start of ${target.name}`);
    if (typeof port === "string") throw new Error(port);
    return {
      target,
      port,
      pid: child.pid,
      startMs: performance.now() - start,
      stop: async () => {
        await child.stop(STOP_TIMEOUT);
      },
    };
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** Its data folder is `data` in the folder it is started with; a second start there finds what the first left. */
export function partylineTarget(
  durability: "disk" | "process",
  {
    name = `partyline-${durability}`,
    dialect = "line",
  }: Partial<Pick<Target, "name" | "dialect">> = {},
): Target {
  const target: Target = {
    name,
    dialect,
    ...(existsSync(SERVER) ? {} : { missing: "dist/server/main.js is missing: npm run build" }),
    start: async (folder) =>
      await startNode(target, SERVER, [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        join(folder, "data"),
        "--durability",
        durability,
        // The works that need accounts make them.
        "--registration",
        "open",
      ]),
  };
  return target;
}

export const relayTarget: Target = {
  name: "relay",
  dialect: "line",
  start: async () => await startNode(relayTarget, RELAY, []),
};
