// What a line of the line protocol asks for.

import type { ChatError } from "../errors.ts";
import type { Name } from "../name.ts";

export type LineCommand =
  /** `count` messages in a row to the same recipients, bodies packed. */
  | {
      readonly kind: "send";
      readonly to: readonly Name[];
      readonly bodies: string;
      readonly count: number;
    }
  | { readonly kind: "history"; readonly other: Name; readonly count: number }
  | { readonly kind: "who" }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  /** A line that is dropped, and why. */
  | { readonly kind: "refused"; readonly error: ChatError };

/** What `/help` answers, a line each. */
export const HELP: readonly string[] = [
  "bob: hi             sends to bob; bob, carol: hi sends to both",
  "/who                who is connected",
  "/history bob [20]   the last messages between you and bob",
  "/help               this",
  "/quit               finishes and closes; Ctrl-D does the same",
];
