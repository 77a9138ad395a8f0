// Keys that work everywhere on the page.

import { useEffect } from "preact/hooks";
import { type Chat, inOrder } from "../state/chat.ts";
import { muted } from "../state/own.ts";
import { leaveMembersPane } from "../state/members-pane.ts";
import { panel } from "../state/panels.ts";
import type { Conversation } from "../model/conversations.ts";

/** The code of keys that an input method has taken. */
const IN_PROCESS = 229;

export function useKeys(chat: Chat): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (isComposing(event) || !handle(chat, event)) return;
      event.preventDefault();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [chat]);
}

/** Whether a key belongs to an input method. Safari says so by its code alone when it ends what was composed (UI Events, 7.3). */
export function isComposing({ isComposing: isWithin, keyCode }: KeyboardEvent): boolean {
  return isWithin || keyCode === IN_PROCESS;
}

/** @returns whether the key was ours */
function handle(
  chat: Chat,
  { key, code, altKey, ctrlKey, metaKey, shiftKey }: KeyboardEvent,
): boolean {
  const isControl = ctrlKey || metaKey;
  if (isControl && !altKey && !shiftKey && key.toLowerCase() === "k") {
    panel.value = panel.peek() === "switcher" ? undefined : "switcher";
    return true;
  }
  if (isControl && shiftKey && key.toLowerCase() === "f") {
    panel.value = "search";
    return true;
  }
  if (key === "Escape") return leaveMembersPane();
  if (!altKey || isControl || shiftKey) return false;
  if (key === "ArrowUp" || key === "ArrowDown") {
    step(chat, key === "ArrowUp" ? -1 : 1);
    return true;
  }
  // With Alt some keyboards give another letter.
  if (code === "KeyA") {
    const here = chat.current.peek()?.key;
    const all = inOrder(chat.conversations.peek()).filter(
      (one) => one.unread > 0 && one.key !== here && !muted.peek().includes(one.key),
    );
    go(chat, all.find(({ isUrgent }) => isUrgent) ?? all[0]);
    return true;
  }
  return false;
}

function step(chat: Chat, by: number): void {
  const all = inOrder(chat.conversations.peek());
  const at = all.findIndex(({ key }) => key === chat.current.peek()?.key);
  const next = at === -1 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
  go(chat, all[next]);
}

function go(chat: Chat, to: Conversation | undefined): void {
  if (to !== undefined) chat.go(to.shown);
}
