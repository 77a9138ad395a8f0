// A row that says who came and went.

import type { JSX } from "preact";
import type { Comings } from "../model/comings.ts";
import { formatMoment, formatTime, isolate, words } from "../words/words.ts";

/** As many are named; of more the first two. */
const MOST_NAMED = 3;

export function ComingsView({ item }: { readonly item: Comings }): JSX.Element {
  const { key, seq, at, joined, left } = item;
  const w = words.value.timeline;
  const parts = [
    ...(joined.length === 0 ? [] : [w.joined(named(joined))]),
    ...(left.length === 0 ? [] : [w.left(named(left))]),
  ];
  return (
    <li class="event" data-key={key} data-seq={seq}>
      <span title={[...joined, ...left].map(isolate).join(", ")}>{parts.join(" · ")}</span>{" "}
      <time dateTime={new Date(at).toISOString()} title={formatMoment(at)}>
        {formatTime(at)}
      </time>
    </li>
  );
}

function named(names: readonly string[]): string {
  const shown = names.length > MOST_NAMED ? names.slice(0, MOST_NAMED - 1) : names;
  return words.value.timeline.names(shown.map(isolate), names.length - shown.length);
}
