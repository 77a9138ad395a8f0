// What peers are given must come in rising seqs, also when the messages of several runs interleave: a
// send to two rooms that somebody is in, for example.

import { unpackBodies } from "../protocol/bodies.ts";
import type { Delivery, Run } from "./run.ts";

export function firstSeq(delivery: Delivery): number {
  return "kind" in delivery ? delivery.seq : delivery.first;
}

export function lastSeq(delivery: Delivery): number {
  if ("kind" in delivery) return delivery.seq;
  return delivery.first + (delivery.count - 1) * delivery.step;
}

/**
 * What an event takes besides its text, and a run besides its bodies, about, in bytes: what is bounded
 * in bytes must end with joins and with empty messages, too.
 */
const EVENT_BYTES = 200;
const RUN_BYTES = 32;

/** About what a delivery takes, in bytes. */
export function sizeOf(delivery: Delivery): number {
  if ("kind" in delivery) return EVENT_BYTES + delivery.text.length;
  return RUN_BYTES + delivery.bodies.length;
}

/** The same in rising seqs. Runs that interleave with others are taken apart. */
export function inOrder(deliveries: readonly Delivery[]): readonly Delivery[] {
  if (deliveries.length < 2) return deliveries;
  const sorted = deliveries.toSorted((one, other) => firstSeq(one) - firstSeq(other));
  let last = 0;
  const interleave = sorted.some((delivery) => {
    const before = last;
    last = Math.max(last, lastSeq(delivery));
    return firstSeq(delivery) < before;
  });
  if (!interleave) return sorted;
  const apart = sorted.flatMap((delivery): Delivery[] =>
    "kind" in delivery ? [delivery] : singles(delivery),
  );
  return apart.toSorted((one, other) => firstSeq(one) - firstSeq(other));
}

/** A run for each message of a run. */
function singles(run: Run): Run[] {
  if (run.count === 1) return [run];
  return unpackBodies(run.bodies).map((bodies, i) => {
    const single = { ...run, first: run.first + i * run.step, count: 1, bodies };
    if (run.outbox === undefined) return single;
    return { ...single, outbox: { ...run.outbox, number: run.outbox.number + i } };
  });
}
