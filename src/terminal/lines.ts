// What goes to the terminal's own scrollback, and how it reads: once printed it is never changed. Still without colours
// and widths, so that tests can say what a person would see.

/** A message or an event of a room as the terminal client keeps it; every text is clean already. */
export type Entry = MessageEntry | EventEntry;

export interface MessageEntry {
  readonly kind: "message";
  readonly seq: number;
  /** In ms since 1970. */
  readonly at: number;
  readonly from: string;
  readonly body: string;
  readonly isOwn: boolean;
  /** Names its reader, in a room. */
  readonly isMention: boolean;
  /** Sent by this very client a moment ago: it waited on the screen, and is *sent* now. */
  readonly wasWaiting?: boolean;
}

export interface EventEntry {
  readonly kind: "event";
  readonly seq: number;
  readonly at: number;
  /** As it is shown: `bob joined`. */
  readonly text: string;
}

/** A line of the transcript. */
export type Line =
  | Entry
  /** A conversation begins here. */
  | { readonly kind: "heading"; readonly text: string }
  /** Above it was read before. */
  | { readonly kind: "unread" }
  /** Below it is another day. */
  | { readonly kind: "day"; readonly at: number }
  /** An answer to a command, or what the client has to say. */
  | { readonly kind: "note"; readonly text: string }
  /** What went wrong. */
  | { readonly kind: "error"; readonly text: string };

/** `14:05`, in the reader's own time. */
export function formatTime(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}

/** `Monday, 23 November 2026`, in the reader's own time. */
export function formatDay(at: number): string {
  return new Date(at).toLocaleDateString("en-GB", {
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
}

/** Equal for times of one day, in the reader's own time. */
export function dayOf(at: number): string {
  return new Date(at).toDateString();
}
