// A name's first letter in its colour, with a dot when it is known whether he is there.

import type { JSX } from "preact";
import { hueOf } from "../model/hue.ts";

interface Props {
  readonly name: string;
  readonly isOnline?: boolean | undefined;
}

export function Avatar({ name, isOnline }: Props): JSX.Element {
  const [first = ""] = new Intl.Segmenter().segment(name);
  const letter = typeof first === "string" ? first : first.segment;
  return (
    <span class="avatar" style={{ "--hue": hueOf(name) }} aria-hidden="true">
      {letter.toUpperCase()}
      {isOnline !== undefined && <span class="dot" data-is-online={isOnline} />}
    </span>
  );
}
