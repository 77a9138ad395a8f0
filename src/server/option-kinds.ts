// The kinds of values that options take: text from a flag, a variable or the configuration file
// becomes a value in plain units here, and nowhere else.

import { isAbsolute, join } from "node:path";
import { type Address, formatAddress, parseAddress } from "./address.ts";

/** How one kind of value is written, read and shown. */
export interface Kind<T> {
  /** Stands for the value in the help text. */
  readonly placeholder: string;
  /** Completes the sentence "… is not …". */
  readonly allowed: string;
  /** What the configuration file may hold; an array only for a list. */
  readonly json: readonly ("string" | "number" | "boolean" | "array")[];
  /**
   * @param folder what a relative path starts from
   * @returns undefined for text that is not allowed
   */
  parse(text: string, folder: string): T | undefined;
  /** The inverse of `parse`. */
  format(value: T): string;
}

const WHOLE_NUMBER = /^\d{1,15}$/;
const AMOUNT = /^(\d{1,15})\s*([A-Za-z]*)$/;

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A whole number. */
export function count(least: number, most: number): Kind<number> {
  return {
    placeholder: "N",
    allowed: `a whole number from ${least} to ${most}`,
    json: ["number", "string"],
    parse: (text) => (WHOLE_NUMBER.test(text) ? within(Number(text), least, most) : undefined),
    format: String,
  };
}

/** A number of bytes. */
export function size(least: number, most: number): Kind<number> {
  return {
    placeholder: "SIZE",
    allowed: `a size from ${formatSize(least)} to ${formatSize(most)} (a number of bytes, or one with KiB, MiB, GiB or TiB)`,
    json: ["number", "string"],
    parse: (text) => within(amount(text, BYTES), least, most),
    format: formatSize,
  };
}

/** A time in milliseconds. A number without a unit is refused, because people differ on what it means. */
export function duration(least: number, most: number): Kind<number> {
  return {
    placeholder: "TIME",
    allowed: `a time from ${formatDuration(least)} to ${formatDuration(most)} (a number with ms, s, m, h or d, such as 30s)`,
    json: ["number", "string"],
    parse: (text) => within(text === "0" ? 0 : amount(text, MILLISECONDS), least, most),
    format: formatDuration,
  };
}

export function choice<const T extends string>(...values: readonly T[]): Kind<T> {
  return {
    placeholder: values.join("|"),
    allowed: `one of ${values.join(", ")}`,
    json: ["string"],
    parse: (text) => values.find((value) => value === text),
    format: (value) => value,
  };
}

/** Yes or no; as a flag it takes no value. */
export const SWITCH: Kind<boolean> = {
  placeholder: "",
  allowed: "true or false",
  json: ["boolean", "string"],
  parse: (text) => (text === "true" ? true : text === "false" ? false : undefined),
  format: String,
};

export const FOLDER: Kind<string> = {
  placeholder: "DIR",
  allowed: "a folder",
  json: ["string"],
  parse: (text, folder) => {
    if (text === "" || text.includes("\0")) return undefined;
    return isAbsolute(text) ? text : join(folder, text);
  },
  format: (value) => value,
};

/** A file; empty for none. */
export const FILE: Kind<string> = {
  ...FOLDER,
  placeholder: "FILE",
  allowed: "a file",
  parse: (text, folder) => (text === "" ? "" : FOLDER.parse(text, folder)),
};

/** Several texts of one kind, with commas between; none of them is allowed too. */
export function list(
  placeholder: string,
  allowed: string,
  isOne: (text: string) => boolean,
): Kind<readonly string[]> {
  return {
    placeholder,
    allowed: `${allowed}, or several of them with commas between`,
    json: ["string", "array"],
    parse: (text) => {
      const parts = text.split(",").map((part) => part.trim());
      if (text.trim() === "") return [];
      return parts.every(isOne) ? parts : undefined;
    },
    format: (values) => values.join(","),
  };
}

/** An address to listen on; empty for none. */
export const OPTIONAL_ADDRESS: Kind<Address | null> = {
  placeholder: "HOST:PORT",
  allowed: "HOST:PORT, such as 127.0.0.1:9090 or [::1]:9090",
  json: ["string"],
  parse: (text) => (text === "" ? null : parseAddress(text)),
  format: (address) => (address === null ? "" : formatAddress(address)),
};

/** Addresses to listen on: as text, separated by commas. */
export const ADDRESSES: Kind<readonly Address[]> = {
  placeholder: "HOST:PORT",
  allowed:
    "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080, or several of them with commas between",
  json: ["string", "array"],
  parse: (text) => {
    const addresses = text.split(",").map((part) => parseAddress(part.trim()));
    return addresses.includes(undefined) ? undefined : (addresses as Address[]);
  },
  format: (addresses) => addresses.map((address) => formatAddress(address)).join(","),
};

function within(value: number | undefined, least: number, most: number): number | undefined {
  return value !== undefined && value >= least && value <= most ? value : undefined;
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit] = AMOUNT.exec(text) ?? [];
  if (digits === undefined || unit === undefined || !Object.hasOwn(units, unit)) return undefined;
  const value = Number(digits) * (units[unit] as number);
  return Number.isSafeInteger(value) ? value : undefined;
}

export function formatSize(bytes: number): string {
  return formatAmount(bytes, BYTES, "B");
}

export function formatDuration(milliseconds: number): string {
  return milliseconds === 0 ? "0" : formatAmount(milliseconds, MILLISECONDS, "ms");
}

/** In the largest unit of which it is a whole number. */
function formatAmount(
  value: number,
  units: Readonly<Record<string, number>>,
  smallest: string,
): string {
  let best = smallest;
  for (const [unit, factor] of Object.entries(units)) {
    if (value > 0 && value % factor === 0 && factor > (units[best] as number)) best = unit;
  }
  return best === "B" ? String(value) : `${value / (units[best] as number)}${best}`;
}
