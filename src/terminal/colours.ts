// Which colour a name has: always the same one, on every machine, and readable on light and on dark.

/** The steps of red, green and blue in the colour cube of terminals with 256 colours (16 to 231). */
const STEPS = [0, 95, 135, 175, 215, 255] as const;

/** Contrast that large or bold text must have (WCAG 2.2, 1.4.3); nobody can have 4.5 on white and on black with many colours. */
const CONTRAST = 3;

/** Between the strongest and the weakest of red, green and blue: less looks grey, and two greys look the same. */
const COLOURFUL = 80;

export type Rgb = readonly [red: number, green: number, blue: number];

/** How many colours a terminal has, as far as they are wanted. */
export type Depth = "none" | "sixteen" | "many";

/** The first of the cube: 0 to 15 are whatever somebody has made of them. */
const CUBE = 16;

/** Every colour of the cube that is readable on white and on black, by its number: what is named so is shown so. */
const PALETTE: readonly number[] = Array.from({ length: 216 }, (_, at) => CUBE + at).filter(
  (number) => {
    const colour = rgbOf(number);
    return isReadable(colour) && Math.max(...colour) - Math.min(...colour) >= COLOURFUL;
  },
);

/** Those of the sixteen that are readable on both in xterm's own palette; others come close. Bold, which may mean bright, leads to another one of them. */
const SIXTEEN = ["red", "magenta", "redBright", "blueBright", "magentaBright"] as const;

/** @param number of the colour cube */
export function rgbOf(number: number): Rgb {
  const at = number - CUBE;
  const [red, green, blue] = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6];
  return [STEPS[red] ?? 0, STEPS[green] ?? 0, STEPS[blue] ?? 0];
}

function isReadable(colour: Rgb): boolean {
  return contrast(colour, [255, 255, 255]) >= CONTRAST && contrast(colour, [0, 0, 0]) >= CONTRAST;
}

/** From 1 to 21, as WCAG 2.2 defines it. */
export function contrast(one: Rgb, other: Rgb): number {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
}

function luminance([red, green, blue]: Rgb): number {
  const [r, g, b] = [red, green, blue].map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/**
 * As Ink takes it.
 * @param key the name's, as names are compared: `Bob` and `bob` are one and have one colour
 */
export function colourOf(key: string, depth: Depth): string | undefined {
  if (depth === "none") return undefined;
  if (depth === "sixteen") return SIXTEEN[hash(key) % SIXTEEN.length];
  return `ansi256(${PALETTE[hash(key) % PALETTE.length]})`;
}

/** FNV-1a, 32 bits: small, and names that are alike come out far apart. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) {
    value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  }
  // Its low bits alone decide, so the high ones are folded in.
  return (value ^ (value >>> 15)) >>> 0;
}

/**
 * What is wanted, and can be shown: NO_COLOR set to anything says none (no-color.org).
 * @param bits of a colour, as Node knows them of a terminal
 */
export function depthOf(
  environment: Readonly<Record<string, string | undefined>>,
  bits: number,
): Depth {
  if ((environment["NO_COLOR"] ?? "") !== "" || environment["TERM"] === "dumb") return "none";
  if (bits < 4) return "none";
  return bits < 8 ? "sixteen" : "many";
}

/** The level of chalk, by which Ink paints: it looks for itself, and would take a colour for another one where it finds less. */
export function chalkLevel(depth: Depth): string {
  return depth === "many" ? "2" : "1";
}
