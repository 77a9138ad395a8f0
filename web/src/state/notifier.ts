// Tells a person who looks elsewhere: notifications of the system, and a count in the title and the icon.

import type { Message } from "../../../src/client/index.ts";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { placeOf } from "../model/conversations.ts";
import { muted } from "./own.ts";
import { wantsNotifications } from "./settings.ts";

/** As much of a message is shown. */
const MOST_TEXT = 200;

export type Permission = NotificationPermission | "unavailable";

/** Pages without TLS have none. */
export function notificationPermission(): Permission {
  const isAvailable = "Notification" in globalThis && globalThis.isSecureContext;
  return isAvailable ? Notification.permission : "unavailable";
}

export async function askForNotifications(): Promise<Permission> {
  if (notificationPermission() === "unavailable") return "unavailable";
  return Notification.requestPermission();
}

/** @param go shows the conversation when the notification is clicked */
export function notify(message: Message, go: (shown: string) => void): void {
  const place = placeOf(message);
  const isWanted = wantsNotifications.peek() && !muted.peek().includes(nameKey(place));
  if (!isWanted || notificationPermission() !== "granted") return;
  const title = message.to.startsWith("#") ? `${message.from} · ${message.to}` : message.from;
  const options = {
    body: message.body.slice(0, MOST_TEXT),
    tag: nameKey(place),
    icon: "icon-192.png",
  };
  void show(title, options, place, go);
}

async function show(
  title: string,
  options: NotificationOptions,
  place: string,
  go: (shown: string) => void,
): Promise<void> {
  // Phones show them only from a service worker, which then says that one was clicked.
  const registration = await navigator.serviceWorker?.getRegistration();
  if (registration !== undefined) {
    return registration.showNotification(title, { ...options, data: place });
  }
  const notification = new Notification(title, options);
  notification.addEventListener("click", () => {
    window.focus();
    go(place);
    notification.close();
  });
}

/** @param go shows the conversation whose notification was clicked */
export function listenForClicks(go: (shown: string) => void): void {
  navigator.serviceWorker?.addEventListener("message", ({ data }) => {
    if (typeof data === "string") go(data);
  });
}

/** Puts a count before the title and onto the icon. */
export function showCount(count: number, place: string): void {
  const where = place === "" ? "Partyline" : `${place} · Partyline`;
  document.title = count === 0 ? where : `(${count}) ${where}`;
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (link === null) return;
  const href = count === 0 ? "./icon.svg" : countedIcon(count);
  if (link.getAttribute("href") !== href) link.setAttribute("href", href);
}

function countedIcon(count: number): string {
  const text = count > 9 ? "9+" : String(count);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="15" fill="#3b5bdb"/><path d="M13 22h38M13 32h26M13 42h32" stroke="#fff" stroke-width="6" stroke-linecap="round"/><circle cx="43" cy="43" r="21" fill="#e03131"/><text x="43" y="52" font-family="sans-serif" font-size="26" font-weight="bold" text-anchor="middle" fill="#fff">${text}</text></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
