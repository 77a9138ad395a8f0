// An orderly shutdown's first half: nobody new, then everybody leaves, then nothing waits for the log.

import type { Broker } from "../broker/broker.ts";
import type { Report } from "../log/report.ts";
import type { Listener } from "../listen/listener.ts";

/** After the slow ones were cut, in milliseconds: their sockets close, and the last batch commits. */
const LAST_BATCH = 3000;

/**
 * Returns when nobody is connected and all is committed, and at the latest `time` and a little more
 * after it was called: a log that cannot be written must not keep the server from ending.
 * @param time how long peers that read slowly may take, in milliseconds
 */
export async function drain(
  listener: Pick<Listener, "stop">,
  broker: Pick<Broker, "stop" | "settled" | "cutAll" | "who">,
  time: number,
  report: Report,
): Promise<void> {
  listener.stop();
  broker.stop();
  const settled = broker.settled();
  if (await within(settled, time)) return;
  const left = broker.who().length;
  if (left > 0) report("shutdown", `cut ${left} that could not leave in time`);
  broker.cutAll();
  await within(settled, LAST_BATCH);
}

async function within(promise: Promise<void>, time: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), time);
  try {
    return await Promise.race([promise.then(() => true), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
