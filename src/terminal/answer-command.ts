// The line protocol's commands, answered by way of the SDK, in the words in which the server answers them.

import type { Line } from "../client/index.ts";
import { HELP, type SlashCommand } from "../protocol/line/command.ts";
import { formatFound, formatHistory } from "../protocol/line/format.ts";
import { nameKey } from "../protocol/name-keys.ts";
import {
  describeDone,
  describeMember,
  describeRoom,
  describeTopic,
} from "../protocol/line/room-answers.ts";
import { newest } from "./newest.ts";

type Command = Exclude<SlashCommand, { kind: "quit" }>;

/** @returns a line each, without the `* `. @throws LineError why it is refused */
export async function answerCommand(line: Line, command: Command): Promise<readonly string[]> {
  switch (command.kind) {
    case "help":
      return HELP;
    case "who":
      return line.who();
    case "members": {
      const members = await line.members(command.room.shown);
      return members.map(({ name, standing }) => describeMember(name, standing));
    }
    case "rooms":
      return (await line.rooms()).map(describeRoom);
    case "history": {
      const { shown } = command.other;
      const deliveries = await newest(line, shown, command.count);
      return deliveries.flatMap((delivery) =>
        delivery.kind === "message"
          ? linesOf(formatHistory(delivery.from, delivery.at, delivery.body))
          : [],
      );
    }
    case "topic": {
      const { shown, key } = command.room;
      const rooms = await line.rooms();
      const room = rooms.find((one) => nameKey(one.room) === key);
      return [describeTopic(shown, room?.topic ?? "")];
    }
    case "block": {
      const { name, on } = command;
      if (name === undefined) return line.blocked();
      await line.block(name.shown, on);
      return [`${name.shown} is ${on ? "blocked" : "not blocked any more"}`];
    }
    case "search": {
      const { messages } = await line.search(command.words);
      return messages
        .toReversed()
        .flatMap(({ from, to, at, body }) => linesOf(formatFound(from, to, at, body)));
    }
    case "register":
      await line.register(command.password, command.invite);
      return [`your name is an account now: log in with ${line.name}:PASSWORD`];
    case "ask":
      return ask(line, command);
  }
}

/** Told as the server tells it, whose lines have their `* ` already. */
function linesOf(told: string): string[] {
  return told
    .trimEnd()
    .split("\n")
    .map((text) => text.replace(/^\* /, ""));
}

async function ask(
  line: Line,
  command: Extract<Command, { kind: "ask" }>,
): Promise<readonly string[]> {
  const { action, text } = command;
  const [room, name] = [command.room.shown, command.name?.shown ?? ""];
  switch (action) {
    case "join":
      return [describeRoom(await line.join(room))];
    case "leave":
      await line.leave(room);
      break;
    case "topic":
      await line.setTopic(room, text ?? "");
      break;
    case "private":
    case "public":
      await line.setPrivate(room, action === "private");
      break;
    default:
      await line.moderate(room, action, name, text);
  }
  return [describeDone(action, room, name, text)];
}
