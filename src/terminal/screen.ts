// From what is known to the last lines of the screen, the only ones that are drawn again and again: what waits, the
// activity bar, the state of things, and the input with its cursor.

import type { Conversation } from "./conversation.ts";
import type { Input } from "./input.ts";
import type { Pending } from "./happening.ts";
import { find, type Model } from "./model.ts";
import { cutRow, type Piece, type Row } from "./rows.ts";
import { breakRows, cut, type Row as TextRow, widthOf, withoutTabs } from "./width.ts";

export interface Screen {
  /** Each is one row of the terminal, and no wider than that. */
  readonly rows: readonly Row[];
  readonly cursor: { readonly x: number; readonly y: number };
}

/** What the last lines show beside the model. */
export interface Showing {
  readonly model: Model;
  readonly input: Input;
  /** Lines that were pasted, and are not taken yet. */
  readonly pasted: string | undefined;
  /** What was just done, and what the same key does next: `Ctrl+C again quits`. */
  readonly hint: string | undefined;
  /** In ms since 1970. */
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
}

/** In rows: what is shown of messages that wait, or were refused. */
const PENDING_ROWS = 5;

/**
 * In rows: the activity bar, the state of things and the input, one that stays empty below, and one of what was printed.
 * Last lines that fill a terminal would be scrolled out of it with every key.
 */
const OTHER_ROWS = 5;

/** In columns: what is shown of a name in the activity bar, and what stands around it: `12:`, `(99+)`, ` +99`. */
const NAME_COLUMNS = 16;
const AROUND_NAME = 12;

/** The least that is left for what is written, beside whom it is for. */
const INPUT_COLUMNS = 16;

export function screenOf(showing: Showing): Screen {
  const { columns } = showing;
  const above = [
    ...pendingRows(showing.model, columns, Math.min(PENDING_ROWS, showing.rows - OTHER_ROWS)),
    activityRow(showing.model, columns),
    stateRow(showing),
  ]
    .map((row) => cutRow(row, columns))
    // Of these the state goes first: what is written is always seen.
    .slice(0, Math.max(0, showing.rows - 2));
  const input = inputRows(showing, Math.max(1, showing.rows - above.length - 2));
  return {
    rows: [...above, ...input.rows],
    cursor: { x: input.cursor.x, y: above.length + input.cursor.y },
  };
}

/** `waiting hello`, `refused hello · no such room`: these first, since they want something of somebody. */
function pendingRows({ pending, current }: Model, columns: number, most: number): Row[] {
  if (most < 1) return [];
  const order = pending.toSorted((a, b) => rank(a) - rank(b));
  // The last row counts those that have none.
  const shown = order.slice(0, pending.length > most ? most - 1 : most).map((one): Row => {
    const where = one.to === current ? "" : `${one.toShown}: `;
    const text = where + one.body.replaceAll("\n", " ⏎ ");
    // The mark stands first, so that a long message cannot push it off the screen; nor does it the reason.
    if (one.mark === "waiting")
      return [
        { text: "waiting ", isDim: true },
        { text, isDim: true },
      ];
    const mark: Piece = { text: "refused ", isBold: true };
    const why = ` · ${one.why ?? ""}`;
    const room = columns - mark.text.length;
    const most = Math.max(room - widthOf(why), Math.floor(room / 3));
    return [mark, { text: cut(text, most) }, { text: why, isBold: true }];
  });
  const more = pending.length - shown.length;
  if (more === 0) return shown;
  const text = shown.length === 0 ? `${more} wait or are refused` : `and ${more} more`;
  return [...shown, [{ text, isDim: true }]];
}

function rank({ mark }: Pending): number {
  return mark === "refused" ? 0 : 1;
}

/** `1:#ops 2:bob! 4:#dev(3)`: the one that is written to, and those with something new. */
function activityRow({ conversations, current }: Model, columns: number): Row {
  const shown = conversations.flatMap((one, at) => {
    const isCurrent = one.key === current;
    if (!isCurrent && (one.unread === 0 || one.isMuted)) return [];
    const rank = isCurrent ? 0 : one.isUrgent ? 1 : 2;
    return [{ piece: activity(one, at + 1, isCurrent, columns), rank }];
  });
  if (shown.length === 0) return [{ text: "/join #ROOM or /msg NAME; /help", isDim: true }];
  const row: Piece[] = [];
  let [left, hidden] = [columns + 1, shown.length];
  // Where one is comes first when not all of it fits, then what is urgent; in the same order.
  const fitting = new Set<Piece>();
  for (const { piece } of shown.toSorted((a, b) => a.rank - b.rank)) {
    const width = widthOf(piece.text) + 1;
    const counter = hidden > 1 ? ` +${hidden - 1}`.length : 0;
    if (width > left - counter) continue;
    fitting.add(piece);
    left -= width;
    hidden -= 1;
  }
  for (const { piece } of shown) {
    if (fitting.has(piece)) row.push(...(row.length > 0 ? [{ text: " " }] : []), piece);
  }
  if (hidden > 0) row.push({ text: ` +${hidden}`, isDim: true });
  return row;
}

function activity(one: Conversation, number: number, isCurrent: boolean, columns: number): Piece {
  const mark = one.isUrgent
    ? "!"
    : one.unread > 0
      ? `(${one.unread > 99 ? "99+" : one.unread})`
      : "";
  const text = `${number}:${cut(one.shown, Math.min(NAME_COLUMNS, columns - AROUND_NAME))}${mark}`;
  return { text, ...(isCurrent && { isInverse: true }), ...(one.isUrgent && { isBold: true }) };
}

/** `alice · online · bob is typing`. */
function stateRow({ model, now, pasted, hint }: Showing): Row {
  if (pasted !== undefined) {
    const lines = pasted.replace(/\n+$/, "").split("\n").length;
    const what = `paste ${lines} lines?`;
    return [{ text: what, isBold: true }, { text: " Enter takes them, Esc does not" }];
  }
  if (hint !== undefined) return [{ text: hint, isBold: true }];
  const typing = model.typing.get(model.current ?? "");
  const rest = [
    ...(model.away === undefined ? [] : ["away"]),
    ...(typing === undefined ? [] : [`${typing.who} is typing`]),
    ...(find(model, model.current ?? "")?.isMuted === true ? ["muted"] : []),
  ];
  const state = connectionText(model, now);
  const isCalm = model.connection.state === "online";
  return [
    { text: `${model.me} · `, isDim: true },
    { text: state, ...(isCalm ? { isDim: true } : { isBold: true }) },
    { text: rest.map((part) => ` · ${part}`).join(""), isDim: true },
  ];
}

function connectionText({ connection }: Model, now: number): string {
  switch (connection.state) {
    case "reconnecting": {
      const seconds = Math.ceil((connection.until - now) / 1000);
      const when = seconds > 0 ? `reconnecting in ${seconds} s` : "reconnecting";
      return connection.why === undefined ? when : `${when} (${connection.why})`;
    }
    case "offline":
      return `offline: ${connection.why}`;
    default:
      return connection.state;
  }
}

/** Whom what is written is for. */
function promptOf(model: Model, columns: number): string {
  const whom = find(model, model.current ?? "")?.shown ?? "";
  return `${cut(whom, Math.max(1, columns - INPUT_COLUMNS - 2))}> `;
}

/** What is written, in rows as they are shown. */
export function writtenRows(model: Model, text: string, columns: number): TextRow[] {
  return breakRows(text, Math.max(2, columns - widthOf(promptOf(model, columns)) - 1));
}

/** Whom it is for, and what is written; of many rows those around the cursor. */
function inputRows(showing: Showing, most: number): Screen {
  const { model, input, columns } = showing;
  const prompt = promptOf(model, columns);
  const all = writtenRows(model, input.text, columns);
  const at = Math.max(
    0,
    all.findLastIndex(({ start }) => start <= input.cursor),
  );
  const first = Math.max(0, Math.min(at - Math.floor(most / 2), all.length - most));
  const shown = all.slice(first, first + most);
  const blank = " ".repeat(widthOf(prompt));
  const rows = shown.map(({ text }, index): Row => [
    index + first === 0 ? { text: prompt, isBold: true } : { text: blank },
    { text: withoutTabs(text) },
  ]);
  const row = all[at];
  const x = widthOf(prompt) + widthOf(input.text.slice(row?.start ?? 0, input.cursor));
  return { rows, cursor: { x, y: at - first } };
}
