// Who came and went without a word between: one row for all of them, so that what was said is not lost among it.

import { isSameDay, type Shown, type ShownEvent } from "./timeline.ts";

export interface Comings {
  readonly kind: "comings";
  /** The last one's: it stays when older ones are loaded before it. */
  readonly key: string;
  readonly seq: number;
  readonly at: number;
  /** Each once, as he was last: in the order in which they came or went. */
  readonly joined: readonly string[];
  readonly left: readonly string[];
}

/** The items in their order, with each run of comings and goings of a day as one; a single one stays as it is. */
export function withComings(items: readonly Shown[]): readonly (Shown | Comings)[] {
  const rows: (Shown | Comings)[] = [];
  let run: ShownEvent[] = [];
  const end = (): void => {
    const last = run.at(-1);
    if (last !== undefined) rows.push(run.length === 1 ? last : comingsOf(run, last));
    run = [];
  };
  for (const item of items) {
    const isComing = item.kind === "join" || item.kind === "leave";
    const before = run.at(-1);
    if (!isComing || (before !== undefined && !isSameDay(before.at, item.at))) end();
    if (isComing) run.push(item);
    else rows.push(item);
  }
  end();
  return rows;
}

function comingsOf(run: readonly ShownEvent[], { key, seq, at }: ShownEvent): Comings {
  const latest = new Map<string, ShownEvent["kind"]>();
  for (const { name, kind } of run) {
    latest.delete(name);
    latest.set(name, kind);
  }
  const those = (wanted: ShownEvent["kind"]): readonly string[] =>
    [...latest].filter(([, kind]) => kind === wanted).map(([name]) => name);
  return { kind: "comings", key, seq, at, joined: those("join"), left: those("leave") };
}
