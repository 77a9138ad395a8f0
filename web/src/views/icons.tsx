// Icons: strokes in the colour of the text, hidden from screen readers; what they mean is in a label.

import type { JSX } from "preact";

const PATHS = {
  back: "M15 5l-7 7 7 7",
  check: "M5 12.5l4.5 4.5L19 7.5",
  clock: "M12 7v5l3.5 2M12 21a9 9 0 100-18 9 9 0 000 18z",
  close: "M6 6l12 12M18 6L6 18",
  down: "M12 5v14M6 13l6 6 6-6",
  help: "M9.3 9.2a2.8 2.8 0 115 1.8c-.8.9-2.3 1.3-2.3 2.8M12 17.2v.1M12 21a9 9 0 100-18 9 9 0 000 18z",
  leave: "M14 5H6v14h8M11 12h9M17 8.5l3.5 3.5-3.5 3.5",
  lock: "M7 11V8a5 5 0 0110 0v3M6 11h12v9H6z",
  muted: "M6 16V11a6 6 0 019-5.2M18 11v5l2 2H9M10.5 20.5a1.8 1.8 0 003 0M4 4l16 16",
  bell: "M6 16V11a6 6 0 0112 0v5l2 2H4zM10.5 20.5a1.8 1.8 0 003 0",
  people:
    "M9 11.5a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4zM3 19a6 6 0 0112 0M16 5.6a3 3 0 010 5.6M17.5 14.2A5.4 5.4 0 0121 19",
  plus: "M12 5v14M5 12h14",
  search: "M10.8 17.6a6.8 6.8 0 100-13.6 6.8 6.8 0 000 13.6zM16 16l4.5 4.5",
  send: "M4 12l16-7-5.5 15-3-6.5z",
  settings:
    "M4 7h9M17 7h3M4 17h3M11 17h9M15 9.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5zM9 19.5a2.5 2.5 0 100-5 2.5 2.5 0 000 5z",
  up: "M12 19V5M6 11l6-6 6 6",
  warning: "M12 4L2.8 19.5h18.4zM12 10v4.5M12 17v.1",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { readonly name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
