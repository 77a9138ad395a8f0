// The line protocol, from text to commands. The reader pulls one command at a time, so that it can
// stop between any two lines; consecutive lines to the same recipients come as one command.

import { FORBIDDEN, SEPARATOR } from "../bodies.ts";
import { ChatError } from "../errors.ts";
import type { Name } from "../name.ts";
import { parseRecipient } from "../room.ts";
import type { LineCommand } from "./command.ts";
import { parseSlash } from "./slash.ts";
import { unreadable } from "./unreadable.ts";

/** What makes it necessary to look at lines one by one: other than ASCII, and space to be trimmed. */
const UNUSUAL = /[\0-\x08\x0b-\x1f\x7f-\uffff]|[\t ]\n|: [\t ]/;

/** Lines that are looked at as one, in characters: much less than a chunk, so that all get turns. */
const TOGETHER = 12 * 1024;

export class LineParser {
  readonly #maxRecipients: number;
  #text = "";
  #at = 0;
  /** Whether lines that begin alike can be taken together: none of them is unusual. */
  #isUsual = true;
  /** Whether the text may hold control characters that each line must be checked for. */
  #isSuspicious = false;
  /** The recipients of the last message as they were written, up to the colon, and parsed. */
  #head = "";
  #to: readonly Name[] = [];

  constructor(maxRecipients: number) {
    this.#maxRecipients = maxRecipients;
  }

  /** Gives the parser complete lines, each with its `\n`. */
  push(lines: string): void {
    const left = this.#text.slice(this.#at);
    this.#text = left + (lines.includes("\r") ? lines.replaceAll("\r\n", "\n") : lines);
    this.#at = 0;
    this.#isUsual = !UNUSUAL.test(this.#text);
    this.#isSuspicious = !this.#isUsual && FORBIDDEN.test(this.#text);
  }

  /** The next line as it is, without its end: the name that a connection begins with. */
  nextLine(): string | undefined {
    const end = this.#text.indexOf("\n", this.#at);
    if (end < 0) return undefined;
    const line = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return line;
  }

  /** The next command, a send of at most `most` messages; undefined when the text is used up. */
  next(most: number): LineCommand | undefined {
    for (;;) {
      const start = this.#at;
      const line = this.nextLine();
      if (line === undefined) return this.#usedUp();
      const wrong = unreadable(line);
      if (wrong !== undefined) return refused(new ChatError(wrong.code, wrong.text));
      if (line.startsWith("/")) return this.#guard(() => parseSlash(line));
      const colon = line.indexOf(":");
      if (colon < 0) continue;
      return this.#guard(() => {
        this.#address(line.slice(0, colon + 1));
        this.#at = start;
        return this.#sendTogether(most) ?? this.#send(most);
      });
    }
  }

  /** Text is not kept longer than needed: an idle connection costs nothing. */
  #usedUp(): undefined {
    this.#text = "";
    this.#at = 0;
    return undefined;
  }

  #guard(parse: () => LineCommand): LineCommand {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return refused(error);
    }
  }

  #address(head: string): void {
    if (head === this.#head) return;
    this.#head = "";
    this.#to = parseRecipients(head.slice(0, -1), this.#maxRecipients);
    this.#head = head;
  }

  /**
   * Many lines to the same recipients in a few steps, without touching them one by one.
   * @returns undefined when they do not all begin alike
   */
  #sendTogether(most: number): LineCommand | undefined {
    const head = `${this.#head} `;
    const start = this.#at + head.length;
    const end = this.#text.lastIndexOf("\n", start + TOGETHER);
    if (!this.#isUsual || end <= start || !this.#text.startsWith(head, this.#at)) return undefined;
    const lines = this.#text.slice(start, end);
    const bodies = lines.replaceAll(`\n${head}`, SEPARATOR);
    // Each replacement made the text shorter by as much as the head is long.
    const count = (lines.length - bodies.length) / head.length + 1;
    if (count > most || bodies.includes("\n")) {
      this.#isUsual = false;
      return undefined;
    }
    this.#at = end + 1;
    return { kind: "send", to: this.#to, bodies, count };
  }

  /** All lines from here on that begin with the same recipients. */
  #send(most: number): LineCommand {
    const text = this.#text;
    const head = this.#head;
    const limit = this.#at + TOGETHER;
    let at = this.#at;
    let bodies = "";
    let count = 0;
    while (count < most && at < limit && text.startsWith(head, at)) {
      const end = text.indexOf("\n", at);
      const body = text.slice(at + head.length, end).trim();
      if (this.#isSuspicious && FORBIDDEN.test(body)) break;
      bodies = count === 0 ? body : bodies + SEPARATOR + body;
      count += 1;
      at = end + 1;
    }
    this.#at = at;
    if (count > 0) return { kind: "send", to: this.#to, bodies, count };
    this.#at = text.indexOf("\n", at) + 1;
    throw new ChatError("bad-body", "a message may contain no control characters but tabs");
  }
}

function refused(error: ChatError): LineCommand {
  return { kind: "refused", error };
}

/**
 * Parses a list of recipients. Empty entries are left out, and a name that is there twice gets the
 * message once.
 * @throws ChatError `bad-name`, `bad-room`, `no-recipient`, `too-many-recipients`
 */
function parseRecipients(list: string, most: number): readonly Name[] {
  const names = new Map<string, Name>();
  for (const entry of list.split(",")) {
    const text = entry.trim();
    if (text === "") continue;
    const name = parseRecipient(text);
    if (!names.has(name.key)) names.set(name.key, name);
    if (names.size > most) {
      throw new ChatError("too-many-recipients", `a message goes to at most ${most} recipients`);
    }
  }
  if (names.size === 0) throw new ChatError("no-recipient", "write the recipient before the colon");
  return [...names.values()];
}
