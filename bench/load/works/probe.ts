// Work: one more pair, in a process of its own beside the full load, that times its deliveries.

import { logIn } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import type { Percentiles, ProbeOrder } from "../job.ts";
import { BODY_BYTES, receiverName, senderName } from "../names.ts";
import { refusalOf } from "../refusal.ts";
import { percentilesOf } from "../percentiles.ts";

/** Longest wait for what was sent last, in milliseconds. */
const LAST_DELIVERY_TIMEOUT = 20_000;

export async function probe(order: ProbeOrder): Promise<Percentiles> {
  if (order.dialect !== "line") throw new Error("the probe speaks the line protocol");
  const dialect = DIALECTS.line;
  const receiver = await logIn(order.port, dialect, receiverName(order.run, 0));
  const sender = await logIn(order.port, dialect, senderName(order.run, 0));
  const times: number[] = [];
  let sent = 0;
  let partial = "";
  let arrived: (() => void) | undefined;
  sender.onBytes = (bytes) => {
    throw refusalOf("the probe", bytes);
  };
  receiver.onBytes = (bytes) => {
    const now = performance.now();
    const lines = (partial + bytes.toString("latin1")).split("\n");
    partial = lines.pop() ?? "";
    for (const line of lines) times.push(now - Number(line.slice(line.lastIndexOf(" ") + 1)));
    arrived?.();
  };

  const total = Math.round((order.seconds * 1000) / order.everyMs);
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      sent += 1;
      const body = performance.now().toFixed(4).padStart(BODY_BYTES, "0");
      sender.socket.write(dialect.message([receiver.name], body));
      if (sent < total) return;
      clearInterval(timer);
      resolve();
    }, order.everyMs);
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`${total - times.length} of ${total} messages of the probe are missing`));
    }, LAST_DELIVERY_TIMEOUT);
    const check = (): void => {
      if (times.length < total) return;
      clearTimeout(timer);
      resolve();
    };
    arrived = check;
    check();
  });
  await Promise.all([sender.close(), receiver.close()]);
  return percentilesOf(times);
}
