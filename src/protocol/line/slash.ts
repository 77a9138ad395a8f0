// Lines that begin with `/`: commands and their arguments.

import { ChatError } from "../errors.ts";
import { type Name, parseName, quote } from "../name.ts";
import { isRoom, parseRecipient, parseRoom, type RoomAction } from "../room.ts";
import type { SlashCommand } from "./command.ts";
import { parseRegistration } from "./registration.ts";

/** Messages that `/history` gives when no number is asked for, and at most. */
const HISTORY_DEFAULT = 20;
const HISTORY_MOST = 1000;

/**
 * Parses a command. What follows its arguments is ignored, but after a password.
 * @throws ChatError `unknown-command`, `bad-name`, `bad-room`, `bad-number`, `bad-password`
 */
export function parseSlash(line: string): SlashCommand {
  const words = line.trim().split(/\s+/u);
  const [word = "", first = "", second = "", third = ""] = words;
  switch (word) {
    case "/help":
      return { kind: "help" };
    case "/quit":
      return { kind: "quit" };
    case "/who":
      return isRoom(first) ? { kind: "members", room: parseRoom(first) } : { kind: "who" };
    case "/rooms":
      return { kind: "rooms" };
    case "/search":
      return { kind: "search", words: textAfter(line, 1) };
    case "/register":
      return { kind: "register", ...parseRegistration(words.slice(1)) };
    case "/block":
      if (first === "") return { kind: "block", on: true };
      return { kind: "block", name: parseName(first), on: second !== "off" };
    case "/history":
      return { kind: "history", other: parseRecipient(first), count: parseCount(second) };
    case "/join":
    case "/leave":
      return ask(word === "/join" ? "join" : "leave", parseRoom(first));
    case "/topic":
      return parseTopic(parseRoom(first), textAfter(line, 2));
    case "/invite":
      return ask("invite", parseRoom(first), parseName(second));
    case "/kick":
      return ask("kick", parseRoom(first), parseName(second), textAfter(line, 3));
    case "/ban":
      return ask(third === "off" ? "unban" : "ban", parseRoom(first), parseName(second));
    case "/private":
      return ask(second === "off" ? "public" : "private", parseRoom(first));
    case "/moderator": {
      const action = third === "off" ? "no-moderator" : "moderator";
      return ask(action, parseRoom(first), parseName(second));
    }
    default:
      throw new ChatError("unknown-command", `${quote(word)} is not a command: /help lists them`);
  }
}

function ask(action: RoomAction, room: Name, name?: Name, text?: string): SlashCommand {
  return {
    kind: "ask",
    action,
    room,
    ...(name === undefined ? {} : { name }),
    ...(text === undefined ? {} : { text }),
  };
}

function parseTopic(room: Name, text: string): SlashCommand {
  return text === "" ? { kind: "topic", room } : ask("topic", room, undefined, text);
}

/** What follows the first `words` words, as it was written. */
function textAfter(line: string, words: number): string {
  return line.trim().replace(new RegExp(`^(?:\\S+\\s*){${words}}`, "u"), "");
}

function parseCount(text: string): number {
  if (text === "") return HISTORY_DEFAULT;
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count >= 1 && count <= HISTORY_MOST) return count;
  throw new ChatError("bad-number", `${quote(text)} is not a number from 1 to ${HISTORY_MOST}`);
}
