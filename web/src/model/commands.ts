// From what was typed to what it asks for: a message, or one of the commands.

/** What a submitted text asks for. */
export type Request =
  | { readonly kind: "say"; readonly body: string }
  | { readonly kind: "join"; readonly room: string }
  | { readonly kind: "leave" }
  | { readonly kind: "msg"; readonly to: string; readonly body: string }
  | { readonly kind: "topic"; readonly text: string }
  | {
      readonly kind: "moderate";
      readonly action: Action;
      readonly name: string;
      readonly text: string;
    }
  | { readonly kind: "private"; readonly on: boolean }
  /** Without a name: who is blocked. */
  | { readonly kind: "block"; readonly name?: string; readonly on: boolean }
  | { readonly kind: "search"; readonly words: string }
  | { readonly kind: "mute"; readonly on: boolean }
  | { readonly kind: "who" }
  | { readonly kind: "help" }
  /** No command, or one that lacks something. */
  | { readonly kind: "wrong"; readonly command: string; readonly isKnown: boolean };

export type Action = "invite" | "kick" | "ban" | "unban" | "moderator" | "no-moderator";

/** What follows it is said in each language's words. */
interface Command {
  /** @returns undefined when something is missing */
  readonly parse: (rest: string) => Request | undefined;
}

const moderate =
  (action: Action) =>
  (rest: string): Request | undefined => {
    const [name, text] = splitFirst(rest);
    return name === "" ? undefined : { kind: "moderate", action, name, text };
  };

const named =
  (make: (name: string) => Request) =>
  (rest: string): Request | undefined =>
    rest === "" ? undefined : make(rest);

/** In the order in which they are offered. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  join: {
    parse: named((room) => ({ kind: "join", room: room.startsWith("#") ? room : `#${room}` })),
  },
  leave: { parse: () => ({ kind: "leave" }) },
  msg: {
    parse: (rest) => {
      const [to, body] = splitFirst(rest);
      return to === "" ? undefined : { kind: "msg", to, body };
    },
  },
  topic: { parse: (text) => ({ kind: "topic", text }) },
  invite: { parse: moderate("invite") },
  kick: { parse: moderate("kick") },
  ban: { parse: moderate("ban") },
  unban: { parse: moderate("unban") },
  moderator: { parse: moderate("moderator") },
  "no-moderator": { parse: moderate("no-moderator") },
  private: { parse: () => ({ kind: "private", on: true }) },
  public: { parse: () => ({ kind: "private", on: false }) },
  who: { parse: () => ({ kind: "who" }) },
  block: {
    parse: (name) => ({ kind: "block", on: true, ...(name !== "" && { name }) }),
  },
  unblock: { parse: named((name) => ({ kind: "block", name, on: false })) },
  search: { parse: named((words) => ({ kind: "search", words })) },
  mute: { parse: () => ({ kind: "mute", on: true }) },
  unmute: { parse: () => ({ kind: "mute", on: false }) },
  help: { parse: () => ({ kind: "help" }) },
};

/** What a submitted text asks for. A message that should begin with a slash begins with two. */
export function parseRequest(text: string): Request {
  if (!text.startsWith("/")) return { kind: "say", body: text };
  if (text.startsWith("//")) return { kind: "say", body: text.slice(1) };
  const [name, rest] = splitFirst(text.slice(1));
  const known = name.toLowerCase();
  const command = Object.hasOwn(COMMANDS, known) ? COMMANDS[known] : undefined;
  if (command === undefined) return { kind: "wrong", command: name, isKnown: false };
  return command.parse(rest) ?? { kind: "wrong", command: known, isKnown: true };
}

/** The commands that what was typed so far may become; none once its name is complete. */
export function commandsFor(text: string): readonly string[] {
  const typed = /^\/(\S*)$/.exec(text)?.[1];
  if (typed === undefined) return [];
  return Object.keys(COMMANDS).filter((name) => name.startsWith(typed.toLowerCase()));
}

function splitFirst(text: string): [first: string, rest: string] {
  const trimmed = text.trim();
  const end = trimmed.search(/\s/u);
  return end === -1 ? [trimmed, ""] : [trimmed.slice(0, end), trimmed.slice(end).trim()];
}
