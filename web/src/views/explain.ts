import type { Trouble } from "../line/messages.ts";
import { words } from "../words/words.ts";

/** What went wrong, in the person's language where it is known, else in the server's words. */
export function explain({ code, text }: Pick<Trouble, "code" | "text">): string {
  return words.value.errors[code] ?? text;
}
