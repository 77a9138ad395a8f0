// A server's status, for people.

import type { ServerStatus } from "./control-protocol.ts";

const NAMES_SHOWN = 20;

export function formatStatus(status: ServerStatus): string {
  const { log } = status;
  const rows: readonly (readonly [string, string])[] = [
    ["version", `${status.version} (process ${status.pid})`],
    ["up for", formatUptime(status.uptime)],
    ["listening on", status.addresses.join(", ")],
    ["connections", String(status.connections)],
    ["connected", connected(status.connected)],
    ["names", `${log.names} in all, ${log.unseenNames} of them never logged in`],
    ["log", `${log.id}, head ${log.head}, ${formatBytes(log.bytes)} on disk`],
    ["log can be", status.unavailable === null ? "written" : `read only: ${status.unavailable}`],
  ];
  return rows.map(([name, value]) => `${`${name}:`.padEnd(14)}${value}\n`).join("");
}

function connected(names: readonly string[]): string {
  if (names.length === 0) return "nobody";
  const shown = names.slice(0, NAMES_SHOWN).join(", ");
  const more = names.length - NAMES_SHOWN;
  return `${names.length}: ${shown}${more > 0 ? `, and ${more} more` : ""}`;
}

/** In the two largest units that are not zero at its beginning: `3d 4h`. */
export function formatUptime(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "m"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first === -1) return "0s";
  return parts
    .slice(first, first + 2)
    .map(([value, unit]) => `${value}${unit}`)
    .join(" ");
}

export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
