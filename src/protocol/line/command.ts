// What a line of the line protocol asks for.

import type { ChatError } from "../errors.ts";
import type { Name } from "../name.ts";
import type { RoomAction } from "../room.ts";

export type LineCommand =
  /** `count` messages in a row to the same recipients, bodies packed. */
  | {
      readonly kind: "send";
      readonly to: readonly Name[];
      readonly bodies: string;
      readonly count: number;
    }
  /** With a name or in a room. */
  | { readonly kind: "history"; readonly other: Name; readonly count: number }
  | { readonly kind: "who" }
  | { readonly kind: "members"; readonly room: Name }
  | { readonly kind: "rooms" }
  | { readonly kind: "search"; readonly words: string }
  | { readonly kind: "register"; readonly password: string; readonly invite?: string }
  /** Without a name: who is blocked. */
  | { readonly kind: "block"; readonly name?: Name; readonly on: boolean }
  /** What the topic is. */
  | { readonly kind: "topic"; readonly room: Name }
  /** What is asked of a room; `text` is a topic, or why somebody is kicked. */
  | {
      readonly kind: "ask";
      readonly action: RoomAction;
      readonly room: Name;
      readonly name?: Name;
      readonly text?: string;
    }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  /** A line that is dropped, and why. */
  | { readonly kind: "refused"; readonly error: ChatError };

/** What a line that begins with a slash asks for. */
export type SlashCommand = Exclude<LineCommand, { kind: "send" | "refused" }>;

/** What `/help` answers, a line each. */
export const HELP: readonly string[] = [
  "bob: hi                      sends to bob; bob, #ops: hi sends to bob and into the room #ops",
  "/who [#ops]                  who is connected, or who is in #ops",
  "/history bob [20]            the last messages between you and bob; /history #ops, in #ops",
  "/rooms                       the rooms that you are in, and that you may join",
  "/join #ops                   joins a room; the first to join owns it",
  "/leave #ops                  leaves it",
  "/topic #ops [text]           what it is about, or sets it",
  "/invite #ops bob             lets bob into a private room",
  "/kick #ops bob [why]         puts bob out",
  "/ban #ops bob [off]          keeps bob out",
  "/private #ops [off]          lets in only who is invited, and shows it to nobody else",
  "/moderator #ops bob [off]    lets bob invite, kick and ban",
  "/block [bob [off]]           takes no direct messages from bob any more; or who is blocked",
  "/search words                messages that hold these words, the newest last",
  "/register PASSWORD [INVITE]  makes your name an account; then log in with NAME:PASSWORD",
  "/help                        this",
  "/quit                        finishes and closes; Ctrl-D does the same",
];
