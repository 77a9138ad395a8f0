// Which colour a name has: always the same one, on every machine, and readable on light and on dark.

/** The steps of red, green and blue in the colour cube of terminals with 256 colours (16 to 231). */
const STEPS = [0, 95, 135, 175, 215, 255] as const;

/** Contrast that large or bold text must have (WCAG 2.2, 1.4.3); nobody can have 4.5 on white and on black with many colours. */
const CONTRAST = 3;

/** Between the strongest and the weakest of red, green and blue: less looks grey, and two greys look the same. */
const COLOURFUL = 80;

export type Rgb = readonly [red: number, green: number, blue: number];

/** Every colour of the cube that is readable on white and on black. */
const PALETTE: readonly Rgb[] = STEPS.flatMap((red) =>
  STEPS.flatMap((green) => STEPS.map((blue): Rgb => [red, green, blue])),
).filter((colour) => isReadable(colour) && Math.max(...colour) - Math.min(...colour) >= COLOURFUL);

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

/** @param key the name's, as names are compared: `Bob` and `bob` are one and have one colour */
export function colourOf(key: string): Rgb {
  return PALETTE[hash(key) % PALETTE.length] as Rgb;
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

/** As Ink takes it. */
export function formatColour([red, green, blue]: Rgb): string {
  return `rgb(${red},${green},${blue})`;
}

/** Whether colours are wanted: NO_COLOR set to anything says no (no-color.org). */
export function wantsColours(environment: Readonly<Record<string, string | undefined>>): boolean {
  return (environment["NO_COLOR"] ?? "") === "" && environment["TERM"] !== "dumb";
}
