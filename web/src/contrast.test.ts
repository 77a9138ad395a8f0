// Who sees little can still read it: the pairs of the style sheet's colours that lie on each other have the
// contrast that WCAG 2.2 asks for, in light and in dark.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const SHEET = readFileSync(join(import.meta.dirname, "style.css"), "utf8");

/** Level AA, success criterion 1.4.3. */
const TEXT = 4.5;
/** What is not text and must be seen to be used, 1.4.11. */
const SIGN = 3;

const GROUNDS = ["paper", "shade", "raised", "hover", "accent-soft"];

const PAIRS: readonly (readonly [over: string, ground: string, least: number])[] = [
  ...["ink", "quiet", "accent-ink"].flatMap((over) =>
    [...GROUNDS, "wait-soft", "bad-soft"].map((ground) => [over, ground, TEXT] as const),
  ),
  ...["good", "wait", "bad"].flatMap((over) =>
    ["paper", "shade", "raised"].map((ground) => [over, ground, TEXT] as const),
  ),
  ["ink", "code", TEXT],
  ["wait", "wait-soft", TEXT],
  ["bad", "bad-soft", TEXT],
  ["bad", "hover", TEXT],
  ["paper", "quiet", TEXT],
  ["primary-ink", "primary", TEXT],
  ["primary-ink", "primary-hover", TEXT],
  ["primary-ink", "urgent", TEXT],
  ...["accent", "field"].flatMap((over) =>
    ["paper", "shade", "raised"].map((ground) => [over, ground, SIGN] as const),
  ),
  ["accent", "accent-soft", SIGN],
];

/** @returns the red, green and blue of a variable, from 0 to 1 */
function colourOf(name: string, isDark: boolean): readonly number[] {
  const [, value = ""] = new RegExp(`--${name}: ([^;]+);`).exec(SHEET) ?? [];
  const [light, dark = light] = value.match(/#[0-9a-f]{6}/g) ?? [];
  assert.ok(light !== undefined, `--${name} is no colour`);
  const hex = Number.parseInt((isDark ? dark : light)?.slice(1) ?? "", 16);
  return [16, 8, 0].map((shift) => ((hex >> shift) & 255) / 255);
}

/** As WCAG defines relative luminance. */
function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((one) =>
    one <= 0.040_45 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

for (const [look, isDark] of [
  ["light", false],
  ["dark", true],
] as const) {
  test(`what is written can be read: ${look}`, () => {
    const weak = PAIRS.flatMap(([over, ground, least]) => {
      const found = contrast(colourOf(over, isDark), colourOf(ground, isDark));
      return found < least ? [`--${over} on --${ground}: ${found.toFixed(2)} of ${least}`] : [];
    });
    assert.deepEqual(weak, []);
  });
}
