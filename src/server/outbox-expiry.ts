// Asks the broker, at start and once a day, to forget outboxes that no client has used for long.

import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";

/** In milliseconds. */
const EVERY = 24 * 60 * 60 * 1000;

/**
 * @param age in milliseconds; 0 keeps them for ever
 * @returns what stops it
 */
export function startOutboxExpiry(
  age: number,
  broker: Pick<Broker, "expireOutboxes">,
  clock: Clock,
): () => void {
  if (age === 0) return () => {};
  const expire = (): { cancel(): void } => {
    broker.expireOutboxes(clock.now() - age);
    return clock.after(EVERY, () => {
      timer = expire();
    });
  };
  let timer = expire();
  return () => timer.cancel();
}
