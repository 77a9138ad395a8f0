// Work: many peers log in and stay silent, and the server's resident memory is read before and after.

import { setTimeout as delay } from "node:timers/promises";
import { Connection, logIn, openAll } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import type { IdleOrder, IdleResult } from "../job.ts";
import { receiverName, senderName } from "../names.ts";
import { refusalOf } from "../refusal.ts";
import { residentBytes } from "../process-figures.ts";

/** Memory is read when it has not risen or fallen by more than this in a second, in bytes. */
const STILL = 256 * 1024;
const STILL_ATTEMPTS = 15;

async function settledBytes(pid: number): Promise<number> {
  let last = residentBytes(pid);
  for (let attempt = 0; attempt < STILL_ATTEMPTS; attempt += 1) {
    await delay(1000);
    const now = residentBytes(pid);
    if (Math.abs(now - last) <= STILL) return now;
    last = now;
  }
  return last;
}

export async function idle(order: IdleOrder): Promise<IdleResult> {
  const { port, pid, run } = order;
  if (order.dialect !== "line") throw new Error("idle connections speak the line protocol");
  const before = await settledBytes(pid);
  const connections = await openAll(order.connections, async (index) => {
    const name = receiverName(run, index);
    const connection = await Connection.open(name, port);
    connection.onBytes = (bytes) => {
      throw refusalOf(name, bytes);
    };
    connection.socket.write(`${name}\n`);
    return connection;
  });
  const after = await settledBytes(pid);
  await checkLoggedIn(order, connections);
  for (const connection of connections) connection.destroy();
  return { connections: order.connections, before, after };
}

/** The last one proves that all are there: a message to each of them arrives. */
async function checkLoggedIn(order: IdleOrder, connections: readonly Connection[]): Promise<void> {
  const dialect = DIALECTS.line;
  const sender = await logIn(order.port, dialect, senderName(order.run, 0));
  const expected = dialect.delivered(sender.name, "", "there").length;
  let missing = connections.length;
  await new Promise<void>((resolve) => {
    for (const connection of connections) {
      connection.onBytes = (bytes) => {
        if (bytes.length !== expected) throw refusalOf(connection.name, bytes);
        missing -= 1;
        if (missing === 0) resolve();
      };
    }
    for (const { name } of connections) sender.socket.write(dialect.message([name], "there"));
  });
  sender.destroy();
}
