// Figures as people read them.

import type { Unit } from "./row.ts";

export function formatFigure(value: number, unit: Unit): string {
  if (unit === "per second") {
    return value >= 1e6 ? `${(value / 1e6).toFixed(2)} M/s` : `${(value / 1e3).toFixed(0)} k/s`;
  }
  if (unit === "bytes") return formatBytes(value);
  if (unit === "s") return `${value.toFixed(2)} s`;
  const us = unit === "ms" ? value * 1000 : value;
  return us < 1000 ? `${us.toFixed(0)} µs` : `${(us / 1000).toFixed(us < 10_000 ? 2 : 1)} ms`;
}

export function formatBytes(bytes: number): string {
  if (Math.abs(bytes) < 100 * 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

export function formatRatio(ratio: number): string {
  return Number.isFinite(ratio) ? ratio.toFixed(ratio < 10 ? 2 : 1) : "";
}

/** A Markdown table whose columns also line up on a terminal; the first column is text, the others figures. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  textColumns = 1,
): string {
  const widths = header.map((title, column) =>
    Math.max(3, title.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(cells[column] ?? "", width, column < textColumns)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column < textColumns ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(header), line(rule), ...rows.map(line)].join("\n");
}

function pad(cell: string, width: number, left: boolean): string {
  return left ? cell.padEnd(width) : cell.padStart(width);
}
