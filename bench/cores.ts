// Where the ping-pong's two processes run: on one core a round takes a third of its time on two, and the
// system decides anew each time, so that two runs could not be compared without a decision.

import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

/**
 * Moves the server to all cores but the last, with all its threads, and gives what starts the load
 * generator on the last one. Undefined where that cannot be done.
 */
export function keepApart(serverPid: number): readonly string[] | undefined {
  const cores = availableParallelism();
  if (cores < 2) return undefined;
  const others = `0-${cores - 2}`;
  const { status } = spawnSync("taskset", ["-a", "-c", "-p", others, String(serverPid)], {
    stdio: "ignore",
    timeout: 5000,
  });
  return status === 0 ? ["taskset", "-c", String(cores - 1)] : undefined;
}
