// From a submitted line to what it asks for: a message, or one of the commands, each with its help.

import { parseRecipient, parseRoom } from "../protocol/room.ts";

/** What a line asks for. */
export type Request =
  | { readonly kind: "say"; readonly body: string }
  | { readonly kind: "help"; readonly command?: string }
  | { readonly kind: "join"; readonly room: string }
  | { readonly kind: "leave"; readonly room?: string }
  | { readonly kind: "msg"; readonly to: string; readonly body: string }
  /** By number or name. */
  | { readonly kind: "go"; readonly to: string }
  | { readonly kind: "reply"; readonly body: string }
  | { readonly kind: "topic"; readonly text: string }
  | { readonly kind: "who"; readonly room?: string }
  | { readonly kind: "search"; readonly words: string }
  | { readonly kind: "history"; readonly count: number }
  /** What the server does, asked for as in the line protocol, but for a room that goes without saying. */
  | {
      readonly kind: "ask";
      readonly command: string;
      readonly rest: string;
      readonly isOfRoom: boolean;
    }
  | { readonly kind: "mute" }
  | { readonly kind: "away"; readonly text: string }
  | { readonly kind: "retry" }
  | { readonly kind: "discard" }
  | { readonly kind: "quit" }
  | { readonly kind: "wrong"; readonly text: string };

interface Command {
  /** What follows its name, as help shows it. */
  readonly usage: string;
  readonly help: string;
  /** @returns the request, or what is wrong with what followed the name */
  readonly parse: (rest: string) => Request | string;
}

/** How many messages /history shows, and the most that it may be asked for. */
const HISTORY = 20;
const MOST_HISTORY = 500;

function ask(command: string, rest: string, isOfRoom = false): Request {
  return { kind: "ask", command, rest, isOfRoom };
}

/** @returns what is asked for, or why `text` is no room, or neither a room nor a name */
function checked(parse: typeof parseRoom, text: string, request: Request): Request | string {
  try {
    parse(text);
    return request;
  } catch (error) {
    return (error as Error).message;
  }
}

/** A command about somebody in a room. */
function ofRoom(name: string, usage: string, help: string): Command {
  return { usage, help, parse: (rest) => (rest === "" ? "whom?" : ask(name, rest, true)) };
}

const COMMANDS: Readonly<Record<string, Command>> = {
  help: {
    usage: "[COMMAND]",
    help: "what there is, or about one command",
    parse: (rest) => ({
      kind: "help",
      ...(rest !== "" && { command: rest.replace(/^\//, "").toLowerCase() }),
    }),
  },
  join: {
    usage: "#ROOM",
    help: "become a member of a room, and go there",
    parse: (rest) => checked(parseRoom, rest, { kind: "join", room: rest }),
  },
  leave: {
    usage: "[#ROOM]",
    help: "leave a room: this one, or another",
    parse: (rest) => {
      if (rest === "") return { kind: "leave" };
      return checked(parseRoom, rest, { kind: "leave", room: rest });
    },
  },
  msg: {
    usage: "NAME|#ROOM [TEXT]",
    help: "go to a conversation, and say something there",
    parse: (rest) => {
      const [to, body] = splitFirst(rest);
      return to === "" ? "to whom?" : checked(parseRecipient, to, { kind: "msg", to, body });
    },
  },
  go: {
    usage: "N|NAME|#ROOM",
    help: "go to a conversation that has that number, or that name",
    parse: (rest) => (rest === "" ? "where?" : { kind: "go", to: rest }),
  },
  reply: {
    usage: "TEXT",
    help: "answer who wrote to you last, in any conversation",
    parse: (rest) => (rest === "" ? "what?" : { kind: "reply", body: rest }),
  },
  topic: {
    usage: "[TEXT]",
    help: "show this room's topic, or set it",
    parse: (rest) => ({ kind: "topic", text: rest }),
  },
  who: {
    usage: "[#ROOM]",
    help: "who is in a room: this one, or another; elsewhere, who is connected",
    parse: (rest) =>
      rest === "" ? { kind: "who" } : checked(parseRoom, rest, { kind: "who", room: rest }),
  },
  rooms: {
    usage: "",
    help: "the rooms that you are in, and that you may join",
    parse: () => ask("rooms", ""),
  },
  search: {
    usage: "WORDS",
    help: "find messages with these words",
    parse: (rest) => (rest === "" ? "for what?" : { kind: "search", words: rest }),
  },
  history: {
    usage: "[N]",
    help: `the last N messages of this conversation (${HISTORY})`,
    parse: (rest) => {
      const count = rest === "" ? HISTORY : Number(rest);
      const isCount = Number.isInteger(count) && count >= 1 && count <= MOST_HISTORY;
      return isCount ? { kind: "history", count } : `a number from 1 to ${MOST_HISTORY}`;
    },
  },
  invite: ofRoom("invite", "NAME", "let somebody into this room, when it is private"),
  kick: ofRoom("kick", "NAME [WHY]", "put somebody out of this room"),
  ban: ofRoom("ban", "NAME [off]", "keep somebody out of this room, or no more"),
  moderator: ofRoom(
    "moderator",
    "NAME [off]",
    "let somebody invite, kick and ban here, or no more",
  ),
  private: {
    usage: "[off]",
    help: "let into this room only who is invited, and show it to nobody else; or undo that",
    parse: (rest) =>
      /^(#\S+\s*)?(off)?$/.test(rest) ? ask("private", rest, true) : "only off may follow",
  },
  block: {
    usage: "[NAME [off]]",
    help: "take no direct messages from somebody, or take them again; or who is blocked",
    parse: (rest) => ask("block", rest),
  },
  register: {
    usage: "PASSWORD [INVITE]",
    help: "make your name an account, if this server lets you",
    parse: (rest) => (rest === "" ? "which password?" : ask("register", rest)),
  },
  mute: {
    usage: "",
    help: "this conversation counts silently, and rings no bell; again to undo",
    parse: () => ({ kind: "mute" }),
  },
  away: {
    usage: "[TEXT]",
    help: "ring no bell, and say TEXT once to each who writes to you; again to undo",
    parse: (rest) => ({ kind: "away", text: rest }),
  },
  retry: {
    usage: "",
    help: "take the oldest refused message back into the input, to be changed and sent again",
    parse: () => ({ kind: "retry" }),
  },
  discard: {
    usage: "",
    help: "forget what was refused",
    parse: () => ({ kind: "discard" }),
  },
  quit: {
    usage: "",
    help: "leave; what waits to be sent is kept, and sent next time",
    parse: () => ({ kind: "quit" }),
  },
};

/** With their slash, for Tab. */
export const COMMAND_NAMES: readonly string[] = Object.keys(COMMANDS).map((name) => `/${name}`);

/** What a submitted line asks for. A line that should begin with a slash begins with two. */
export function parseRequest(line: string): Request {
  if (!line.startsWith("/")) return { kind: "say", body: line };
  if (line.startsWith("//")) return { kind: "say", body: line.slice(1) };
  const [name, rest] = splitFirst(line.slice(1));
  const known = name.toLowerCase();
  const command = Object.hasOwn(COMMANDS, known) ? COMMANDS[known] : undefined;
  if (command === undefined)
    return { kind: "wrong", text: `/${name} is no command; /help lists them` };
  const parsed = command.parse(rest);
  if (typeof parsed !== "string") return parsed;
  return { kind: "wrong", text: `/${known} ${command.usage}: ${parsed}` };
}

/** A line for each command, or for the one that is asked about. */
export function helpLines(asked?: string): string[] {
  if (asked !== undefined && !Object.hasOwn(COMMANDS, asked)) {
    return [`/${asked} is no command; /help lists them`];
  }
  const names = asked === undefined ? Object.keys(COMMANDS) : [asked];
  const lines = names.map((name) => {
    const { usage = "", help = "" } = COMMANDS[name] ?? {};
    return `/${name}${usage === "" ? "" : ` ${usage}`}: ${help}`;
  });
  return asked === undefined ? [...lines, ...KEYS] : lines;
}

const KEYS = [
  "Alt+1…9: a conversation; Alt+A: the next unread; Ctrl+N, Ctrl+P: the next, the one before",
  "Alt+Enter: another line; Tab: complete; ↑: what you wrote before; Ctrl+C: clear, twice: quit",
];

function splitFirst(text: string): [first: string, rest: string] {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/u);
  return end === -1 ? [trimmed, ""] : [trimmed.slice(0, end), trimmed.slice(end).trim()];
}
