// A small sign beside a name, with what it means.

import type { JSX } from "preact";
import { Icon, type IconName } from "./icons.tsx";

export function Mark({
  icon,
  text,
}: {
  readonly icon: IconName;
  readonly text: string;
}): JSX.Element {
  return (
    <span class={`mark ${icon}`} title={text}>
      <Icon name={icon} />
      <span class="unseen">{text}</span>
    </span>
  );
}
