// How many connections the system allows: each is an open file, and the log must never lack one.

import { readFileSync } from "node:fs";

/** For the log's files, the control socket, backups, and connections that are being turned away. */
const RESERVED = 128;

/**
 * @param limits what `/proc/self/limits` says; by default read there
 * @returns `most`, or as many as there are open files for; then who comes too late is told so,
 *   while the system, out of open files, would hang up without a word
 */
export function connectionsWithin(most: number, limits: string = readLimits()): number {
  // Node has raised the limit that holds (the first) to the highest (the second) when it started.
  const [, openFiles] = /^Max open files +(\d+)/m.exec(limits) ?? [];
  if (openFiles === undefined) return most;
  const limit = Number(openFiles);
  return Math.min(most, limit - Math.min(RESERVED, Math.floor(limit / 2)));
}

/** Empty where the system does not tell (not Linux). */
function readLimits(): string {
  try {
    return readFileSync("/proc/self/limits", "utf8");
  } catch {
    return "";
  }
}
