// A frame of each kind of the JSON protocol, made from its table, and what its fields should not be.

import * as fc from "fast-check";
import { CLIENT_FRAMES, type FrameKind, type KINDS } from "../../src/protocol/json/frames.ts";

const EXAMPLES: Record<string, unknown> = {
  text: "alice",
  number: 7,
  seq: 0,
  count: 20,
  texts: ["bob", "carol"],
  position: { log: "k3", seq: 12 },
  label: "request 1",
  yes: true,
  flag: false,
  whom: "#ops",
};

export const FRAME_KINDS = Object.keys(CLIENT_FRAMES) as readonly FrameKind[];

/** Every field of every frame. */
export const FIELDS: readonly (readonly [kind: FrameKind, name: string])[] = FRAME_KINDS.flatMap(
  (kind) => Object.keys(CLIENT_FRAMES[kind]).map((name) => [kind, name] as const),
);

/** What a field holds: text, a number … */
export function holds(kind: FrameKind, name: string): keyof typeof KINDS {
  return CLIENT_FRAMES[kind][name]?.replace("?", "") as keyof typeof KINDS;
}

export function isOptional(kind: FrameKind, name: string): boolean {
  return CLIENT_FRAMES[kind][name]?.endsWith("?") === true;
}

/** A frame with all of its fields. */
export function exampleOf(kind: FrameKind): Record<string, unknown> {
  const names = Object.keys(CLIENT_FRAMES[kind]);
  return Object.fromEntries(names.map((name) => [name, EXAMPLES[holds(kind, name)]]));
}

const nested = Array.from({ length: 1000 }).reduce<unknown>((inner) => [inner], 1);

/** Of the wrong kind, huge or nested; some fields may be so. */
export const wrongValues: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 5 }),
  fc.constantFrom(-1, 0.5, 2 ** 53, 1e308, "x".repeat(1000), null, [], {}, true, nested),
);
