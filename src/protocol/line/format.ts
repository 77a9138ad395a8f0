// The line protocol, from events to text.

import { SEPARATOR, unpackBodies } from "../bodies.ts";
import type { ErrorCode } from "../errors.ts";
import { isRoom } from "../room.ts";

/**
 * `from alice: hi` or `from alice in #ops: hi`, a line for each line of each body, so that no body can
 * forge one.
 */
export function formatMessages(from: string, to: string, bodies: string): string {
  const head = isRoom(to) ? `from ${from} in ${to}: ` : `from ${from}: `;
  const packed = bodies.includes("\n") ? bodies.replaceAll("\n", SEPARATOR) : bodies;
  return `${head}${packed.replaceAll(SEPARATOR, `\n${head}`)}\n`;
}

/** `! CODE TEXT` */
export function formatError(code: ErrorCode, text: string): string {
  return `! ${code} ${text}\n`;
}

/**
 * A line of an answer to a command. Topics have one line, but for those in logs of old: none of theirs
 * looks like anything but an answer.
 */
export function formatAnswer(text: string): string {
  return `* ${text.replaceAll("\n", "\n* ")}\n`;
}

/** A message as `/search` shows it, with where it was said. */
export function formatFound(from: string, to: string, at: number, body: string): string {
  return formatHistory(`${from} to ${to}`, at, body);
}

/** Messages as `/history` shows them, a line for each line of each body. */
export function formatHistory(from: string, at: number, bodies: string): string {
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  return unpackBodies(bodies)
    .flatMap((body) => body.split("\n"))
    .map((line) => formatAnswer(`${time} ${from}: ${line}`))
    .join("");
}
