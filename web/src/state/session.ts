// Who is logged in here: whoever was when the page was last here goes on at once, also without a connection.

import { effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Login, Trouble } from "../line/messages.ts";
import { Chat } from "./chat.ts";
import { forgetView, keepView } from "./kept-view.ts";
import { goTo, openPlaces } from "./place.ts";
import { words } from "../words/words.ts";
import { forgetOwn, openOwn } from "./own.ts";
import { enteredName } from "./settings.ts";

const current: Signal<Chat | undefined> = signal(undefined);
effect(() => current.value && keepView(current.value.line.name, current.value));
effect(() => openPlaces(current.value?.line.name));
effect(() => current.value?.look());
effect(() => openOwn(current.value?.line.name));

/** Undefined while nobody is logged in. */
export const session: ReadonlySignal<Chat | undefined> = current;

/** Whether a login is under way. */
export const isEntering: Signal<boolean> = signal(false);

/** Why nobody was let in. */
export const refusal: Signal<Trouble | undefined> = signal(undefined);

/** Goes on as whoever was here last. */
export function resume(): void {
  const name = enteredName.peek();
  if (name === "") return;
  const chat = new Chat(name);
  chat.enter();
  current.value = chat;
}

/** A login that is under way. */
let attempt: { readonly chat: Chat; readonly end: () => void } | undefined;

/** Logs in. How it went is in `session` and `refusal`; without a connection it is tried until there is one. */
export function logIn(name: string, login: Login): void {
  abandon();
  isEntering.value = true;
  refusal.value = undefined;
  const chat = new Chat(name);
  const end = effect(() => {
    const { value: status } = chat.status;
    if (status.kind === "reconnecting" || status.kind === "offline") {
      refusal.value = { code: "closed", text: words.value.login.unreachable };
    }
    if (status.kind !== "closed" && status.kind !== "online") return;
    isEntering.value = false;
    attempt = undefined;
    queueMicrotask(() => end());
    if (status.kind === "closed") {
      refusal.value = status.trouble;
      chat.line.say({ kind: "bye" });
    } else {
      enteredName.value = chat.me.peek();
      current.peek()?.line.say({ kind: "bye" });
      current.value = chat;
    }
  });
  attempt = { chat, end };
  chat.enter(login);
}

/** Asks for a name again, without forgetting anything: the line lets nobody in any more. */
export function logInAgain(): void {
  current.peek()?.line.say({ kind: "bye" });
  current.value = undefined;
}

function abandon(): void {
  attempt?.end();
  attempt?.chat.line.say({ kind: "bye" });
  attempt = undefined;
}

/** Forgets who was here, after the line has said goodbye. */
export function left(): void {
  const name = current.peek()?.line.name ?? "";
  forgetView(name);
  forgetOwn();
  current.value = undefined;
  enteredName.value = "";
  goTo("");
}

function look(): void {
  const isLooking = document.visibilityState === "visible" && document.hasFocus();
  current.peek()?.line.say({ kind: "looking", isLooking });
}

/** Tells the host when somebody looks at this tab, and when it goes. */
export function watchTab(): void {
  effect(() => {
    if (current.value !== undefined) look();
  });
  for (const event of ["focus", "blur"]) addEventListener(event, look);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", () => current.peek()?.line.say({ kind: "bye" }));
  addEventListener("pageshow", ({ persisted }) => {
    // What happened while the page was frozen was told to nobody.
    if (persisted) location.reload();
  });
}
