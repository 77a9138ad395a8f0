// What Tab offers: commands, rooms, and names, those who spoke last first.

import { COMMAND_NAMES } from "./commands.ts";
import type { Completer } from "./input.ts";
import { find, type Model } from "./model.ts";
import { nameKey } from "../protocol/name-keys.ts";

export function completerOf(model: Model): Completer {
  return (word, isFirst) => {
    if (isFirst && word.startsWith("/")) return startingWith(COMMAND_NAMES, word, " ");
    if (word.startsWith("#")) return startingWith(roomsOf(model), word, " ");
    if (word === "") return [];
    const isRoom = find(model, model.current ?? "")?.isRoom === true;
    // Whoever is addressed in a room is named at the beginning.
    return startingWith(namesOf(model), word.replace(/^@/, ""), isFirst && isRoom ? ": " : " ");
  };
}

function startingWith(words: readonly string[], start: string, end: string): string[] {
  const key = start.normalize("NFKC").toLowerCase();
  return words
    .filter((word) => word.normalize("NFKC").toLowerCase().startsWith(key))
    .map((word) => word + end);
}

function roomsOf({ conversations, rooms }: Model): string[] {
  const here = conversations.filter(({ isRoom }) => isRoom).map(({ shown }) => shown);
  const known = new Set(here.map(nameKey));
  return [...here, ...rooms.filter((room) => !known.has(nameKey(room)))];
}

function namesOf(model: Model): string[] {
  const { entries = [], members = [] } = find(model, model.current ?? "") ?? {};
  const spoke = entries
    .flatMap((entry) => (entry.kind === "message" ? [entry.from] : []))
    .toReversed();
  const others = model.conversations.filter(({ isRoom }) => !isRoom).map(({ shown }) => shown);
  const names = new Map<string, string>();
  for (const name of [...spoke, ...members, ...others]) {
    const key = nameKey(name);
    if (!names.has(key) && key !== model.myKey) names.set(key, name);
  }
  return [...names.values()];
}
