// Asks the broker once a minute to remove what the operator does not want to keep.

import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Retention } from "../log/batch.ts";
import type { ServerConfig } from "./options.ts";

/** In milliseconds: retention is about days and gigabytes. */
const EVERY = 60_000;

export type RetentionConfig = Pick<
  ServerConfig,
  "retentionAge" | "retentionSize" | "retentionUnconfirmed"
>;

/** @returns what stops it */
export function startRetention(
  config: RetentionConfig,
  broker: Pick<Broker, "retain">,
  clock: Clock,
): () => void {
  if (config.retentionAge === 0 && config.retentionSize === 0) return () => {};
  const retain = (): { cancel(): void } => {
    broker.retain(retentionAt(config, clock.now()));
    return clock.after(EVERY, () => {
      timer = retain();
    });
  };
  let timer = retain();
  return () => timer.cancel();
}

/** @param now in milliseconds since 1970 */
function retentionAt(config: RetentionConfig, now: number): Retention {
  const { retentionAge: age, retentionSize: size, retentionUnconfirmed } = config;
  return {
    ...(age > 0 ? { before: now - age } : {}),
    ...(size > 0 ? { maxBytes: size } : {}),
    unconfirmed: retentionUnconfirmed === "remove",
  };
}
