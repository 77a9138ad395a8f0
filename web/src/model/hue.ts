import { nameKey } from "../../../src/protocol/name-keys.ts";

/** Neighbours on the wheel look alike: so many steps can be told apart. */
const STEPS = 24;

/** The hue of a name, in degrees: always the same one, for `Bob` and `bob`. Lightness is the page's, so that it is readable. */
export function hueOf(name: string): number {
  let hash = 2_166_136_261;
  for (const character of nameKey(name)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  }
  return ((hash >>> 0) % STEPS) * (360 / STEPS);
}
