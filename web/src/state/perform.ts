// What a submitted text does.

import type { ChatError } from "../../../src/protocol/errors.ts";
import { parseRecipient } from "../../../src/protocol/room.ts";
import { parseRequest, type Request } from "../model/commands.ts";
import type { Conversation } from "../model/conversations.ts";
import type { Refusal } from "../line/shared-line.ts";
import { isolate, words } from "../words/words.ts";
import type { Chat } from "./chat.ts";
import { openSearch, panel } from "./panels.ts";
import { setMuted } from "./own.ts";

/** What is done, or kept, in this browser. */
const WITHOUT_CONNECTION: ReadonlySet<Request["kind"]> = new Set([
  "say",
  "msg",
  "search",
  "mute",
  "help",
]);

/** @returns false when nothing was done and the text should stay; the person is told why */
export function submit(chat: Chat, here: Conversation, text: string): boolean {
  const request = parseRequest(text);
  chat.trouble.value = undefined;
  chat.notice.value = "";
  if (request.kind === "wrong") {
    const { unknown, usage } = words.value.composer;
    const { command, isKnown } = request;
    const { [command]: more = "" } = words.value.help.usages;
    chat.notice.value = isKnown ? usage(`/${command} ${more}`) : unknown(`/${command}`);
    return false;
  }
  try {
    if (request.kind === "msg") parseRecipient(request.to);
    if (!WITHOUT_CONNECTION.has(request.kind)) chat.needConnection();
  } catch (error) {
    const { code, message } = error as ChatError | Refusal;
    chat.trouble.value = { code, text: message };
    return false;
  }
  perform(chat, here, request).catch((refusal: Refusal) => (chat.trouble.value = refusal));
  return true;
}

async function perform(
  chat: Chat,
  here: Conversation,
  request: Exclude<Request, { kind: "wrong" }>,
): Promise<void> {
  const { ask } = chat.line;
  switch (request.kind) {
    case "say":
      return chat.send(here, request.body);
    case "join":
      return chat.join(request.room);
    case "leave":
      return chat.leave(here);
    case "msg": {
      chat.go(request.to);
      const there = chat.current.value;
      if (request.body !== "" && there !== undefined) chat.send(there, request.body);
      return;
    }
    case "topic":
      return ask.setTopic(here.shown, request.text);
    case "moderate": {
      const { action, name, text } = request;
      await ask.moderate(here.shown, action, name, ...(text === "" ? [] : [text]));
      chat.notice.value = words.value.done[action](isolate(name));
      return;
    }
    case "private":
      await ask.setPrivate(here.shown, request.on);
      chat.notice.value = request.on ? words.value.done.private : words.value.done.public;
      return;
    case "block": {
      const { done } = words.value;
      const { name, on } = request;
      if (name === undefined) {
        chat.notice.value = done.blocked((await ask.blocked()).map(isolate));
        return;
      }
      await ask.block(name, on);
      chat.notice.value = done[on ? "block" : "unblock"](isolate(name));
      return;
    }
    case "who":
      chat.notice.value = words.value.done.who((await ask.who()).map(isolate));
      return;
    case "search":
      return openSearch(request.words);
    case "mute":
      return setMuted(here.key, request.on);
    case "help":
      panel.value = "help";
  }
}
