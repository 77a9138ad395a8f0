// What a submitted line does: sends, asks, or changes what is shown. Answers become lines of the transcript.

import type { LineError } from "../client/index.ts";
import type { Conversation } from "./conversation.ts";
import { helpLines, type Request } from "./commands.ts";
import type { Line } from "./lines.ts";
import type { Happening, Pending } from "./happening.ts";
import { find, type Model, refusedOf } from "./model.ts";
import { nameKey } from "../protocol/name-keys.ts";
import { sanitizeLine } from "./sanitize.ts";
import type { Session } from "./session.ts";

/** What a request may act on. */
export interface Stage {
  readonly model: Model;
  readonly session: Session;
  readonly happen: (happened: Happening) => void;
  /** Goes to a conversation, or to a room that is being joined. */
  readonly go: (to: string, isJoining?: boolean) => void;
  /** Goes to the next conversation. */
  readonly step: () => void;
  /** Puts a refused message into the input, in its conversation. */
  readonly takeBack: (refused: Pending) => void;
  readonly quit: () => void;
}

const NOWHERE = "you are nowhere yet: /join #ROOM or /msg NAME";
const NO_ROOM = "which room?";

/** Does what is asked. What goes wrong is printed; it never rejects. */
export async function perform(request: Request, stage: Stage): Promise<void> {
  try {
    const lines = await answer(request, stage);
    if (lines.length > 0) stage.happen({ kind: "say", lines });
  } catch (error) {
    const text = sanitizeLine((error as LineError).message);
    stage.happen({ kind: "say", lines: [{ kind: "error", text }] });
  }
}

/** @throws LineError why it is refused */
async function answer(request: Request, stage: Stage): Promise<Line[]> {
  const { model, session, happen, go } = stage;
  const here = find(model, model.current ?? "");
  switch (request.kind) {
    case "say":
      if (here === undefined) return wrong(NOWHERE);
      session.send(here.shown, request.body);
      return [];
    case "help":
      return helpLines(request.command).map(note);
    case "join":
      await join(request.room, stage);
      return [];
    case "leave": {
      const room = request.room ?? roomOf(here);
      if (room === undefined) return wrong(NO_ROOM);
      sayWhenAway("/leave", stage);
      if (nameKey(room) === here?.key) stage.step();
      await session.leave(room);
      happen({ kind: "left", with: room });
      return [note(`you left ${room}`)];
    }
    case "msg":
      go(request.to);
      if (request.body !== "") session.send(request.to, request.body);
      return [];
    case "reply": {
      const to = find(model, model.lastFrom ?? "")?.shown;
      if (to === undefined) return wrong("nobody has written to you yet");
      session.send(to, request.body);
      return nameKey(to) === model.current ? [] : [note(`to ${to}`)];
    }
    case "topic":
      if (here?.isRoom !== true) return wrong("only rooms have topics");
      if (request.text === "") return [note(`${here.shown}: ${here.topic || "no topic"}`)];
      sayWhenAway("/topic", stage);
      await session.setTopic(here.shown, request.text);
      return [];
    case "go": {
      const to = placeOf(model, request.to);
      if (to === undefined) return wrong(`there is no conversation ${request.to}`);
      go(to.shown);
      return [];
    }
    case "who":
      if (isAway(model)) return wrong("/who needs a connection");
      return [note(await session.who(request.room ?? roomOf(here)))];
    case "ask":
      return ask(request, stage, roomOf(here));
    case "search":
      if (isAway(model)) return wrong("/search needs a connection");
      return [...found(request.words, await session.search(request.words)), ...back(here)];
    case "history":
      if (here === undefined) return wrong(NOWHERE);
      if (isAway(model)) return wrong("/history needs a connection");
      return [
        heading(`history of ${here.shown} ──`),
        ...(await session.history(here.shown, request.count)),
        ...back(here),
      ];
    case "mute":
      if (here === undefined) return wrong(NOWHERE);
      happen({ kind: "mute" });
      return [];
    case "away":
      happen({ kind: "away", text: request.text });
      return [];
    case "retry": {
      const [refused] = refusedOf(model);
      if (refused === undefined) return wrong("nothing is refused");
      stage.takeBack(refused);
      return [];
    }
    case "discard":
      session.discard(refusedOf(model).map(({ id }) => id));
      return [];
    case "quit":
      stage.quit();
      return [];
    case "wrong":
      return wrong(request.text);
  }
}

/** It is gone to at once: what is written next is for it. @throws LineError why it is refused; then one is not there any more */
async function join(room: string, stage: Stage): Promise<void> {
  const isNew = find(stage.model, nameKey(room)) === undefined;
  stage.go(room, true);
  sayWhenAway(`/join ${room}`, stage);
  try {
    await stage.session.join(room);
  } catch (error) {
    if (isNew) stage.happen({ kind: "left", with: room });
    // What is known of it is shown all the same.
    else stage.happen({ kind: "history", with: room, entries: [], isComplete: false });
    throw error;
  }
}

/** @param here the room that is meant when none is named @throws LineError, ChatError */
async function ask(
  { command, rest, isOfRoom }: Extract<Request, { kind: "ask" }>,
  stage: Stage,
  here: string | undefined,
): Promise<Line[]> {
  const isHere = isOfRoom && !rest.startsWith("#");
  if (isHere && here === undefined) return wrong(NO_ROOM);
  sayWhenAway(`/${command}`, stage);
  const given = isHere ? `${here} ${rest}` : rest;
  const lines = await stage.session.ask(`/${command} ${given}`);
  return lines.length === 0 ? [note(`/${command}: none`)] : lines.map(note);
}

/** Says so when something cannot be now: the line asks again once it is connected. */
function sayWhenAway(what: string, { model, happen }: Stage): void {
  if (!isAway(model)) return;
  happen({ kind: "say", lines: [note(`${what}: as soon as there is a connection`)] });
}

/** Whether nothing can be asked now. */
function isAway({ connection }: Model): boolean {
  return connection.state !== "online";
}

/** By its number, or by its name. */
function placeOf({ conversations }: Model, text: string): Conversation | undefined {
  const byName = conversations.find(({ key }) => key === nameKey(text));
  return byName ?? (/^\d+$/.test(text) ? conversations[Number(text) - 1] : undefined);
}

/** What comes next is said here again. */
function back(here: Conversation | undefined): Line[] {
  return here === undefined ? [] : [heading(`back in ${here.shown} ──`)];
}

function found(words: string, results: Awaited<ReturnType<Session["search"]>>): Line[] {
  if (results.length === 0) return [note(`nothing has ${words}`)];
  const lines: Line[] = [];
  let last = "";
  for (const { where, entry } of results) {
    if (where !== last) lines.push(heading(where));
    last = where;
    lines.push(entry);
  }
  return [...lines, note(`found ${results.length}${results.length === 20 ? " or more" : ""}`)];
}

function roomOf(here: Conversation | undefined): string | undefined {
  return here?.isRoom === true ? here.shown : undefined;
}

function heading(text: string): Line {
  return { kind: "heading", text };
}

function note(text: string): Line {
  return { kind: "note", text };
}

function wrong(text: string): Line[] {
  return [{ kind: "error", text }];
}
