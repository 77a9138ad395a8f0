// Names: who somebody is. Every entrance parses them here, so that `Bob` and `bob` are one everywhere.

import { ChatError } from "./errors.ts";

/**
 * The grammar of design section 2: a letter, digit or underscore, then up to 31 more characters; and
 * none that is not seen (Unicode's Default_Ignorable_Code_Point: variation selectors, Hangul fillers),
 * so that no name looks like another one, or like nothing.
 */
const NAME = /^(?!.*\p{DI})[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]{0,31}$/u;

/** A name as it is shown, and the key under which it is compared. */
export interface Name {
  /** NFC, as it was typed. */
  readonly shown: string;
  /** Equal for names that differ in case or in compatibility forms only. */
  readonly key: string;
}

/**
 * Parses a name that has already been trimmed.
 * @throws ChatError `bad-name`
 */
export function parseName(text: string): Name {
  const shown = text.normalize("NFC");
  if (!NAME.test(shown)) {
    throw new ChatError(
      "bad-name",
      `${quote(text)} is not a name: use 1 to 32 letters, digits, "_", "." or "-", beginning with a letter, a digit or "_"`,
    );
  }
  return { shown, key: nameKey(shown) };
}

/**
 * Case is folded by way of the upper case, so that ß, ss and final sigma compare as people expect; and
 * before that to lower case, since ẞ is its own upper case.
 */
function nameKey(shown: string): string {
  const lower = shown.normalize("NFKC").toLowerCase();
  return lower.toUpperCase().toLowerCase().normalize("NFKC");
}

/**
 * What a client sent, quoted for an error text: short, without anything that could forge a line, and with
 * a place for what is not seen.
 */
export function quote(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cs}\p{DI}\u2028\u2029]/gu, "\uFFFD");
  const characters = Array.from(clean.slice(0, 128));
  return JSON.stringify(characters.length > 40 ? `${characters.slice(0, 40).join("")}…` : clean);
}
