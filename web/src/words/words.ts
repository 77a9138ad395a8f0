// The words of the interface in the language that is chosen, and dates as it writes them.

import { computed, effect, type ReadonlySignal } from "@preact/signals";
import { chosenLanguage } from "../state/settings.ts";
import { en, type Words } from "./en.ts";
import { zhCn } from "./zh-cn.ts";

/** By their tag. */
export const LANGUAGES: Readonly<Record<string, Words>> = { en, "zh-CN": zhCn };

/** The tag of the language in use. */
export const language: ReadonlySignal<string> = computed(() => {
  const chosen = chosenLanguage.value;
  if (Object.hasOwn(LANGUAGES, chosen)) return chosen;
  const first = navigator.languages.find((tag) => /^(?:en|zh)\b/i.test(tag)) ?? "en";
  return /^zh/i.test(first) ? "zh-CN" : "en";
});

export const words: ReadonlySignal<Words> = computed(() => LANGUAGES[language.value] ?? en);

effect(() => {
  document.documentElement.lang = language.value;
});

/** A name or a text within a sentence: its direction leaves the sentence's as it is (Unicode TR 9, isolates). */
export function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

/** A time of the day. @param at in ms since 1970 */
export function formatTime(at: number): string {
  return format(at, { hour: "2-digit", minute: "2-digit" });
}

/** The same without its half of the day, for where there is no room: the time above it says which. @param at in ms since 1970 */
export function formatShortTime(at: number): string {
  const parts = formatter({ hour: "2-digit", minute: "2-digit" }).formatToParts(at);
  const kept = parts.filter(({ type }) => type !== "dayPeriod");
  return kept
    .map(({ value }) => value)
    .join("")
    .trim();
}

/** With its date, for hints. @param at in ms since 1970 */
export function formatMoment(at: number): string {
  return format(at, { dateStyle: "full", timeStyle: "medium" });
}

/** A day, as a line between messages. @param at in ms since 1970 */
export function formatDay(at: number): string {
  const days = daysAgo(at);
  if (days === 0) return words.value.timeline.today;
  if (days === 1) return words.value.timeline.yesterday;
  const isThisYear = new Date(at).getFullYear() === new Date().getFullYear();
  return format(at, {
    weekday: "long",
    month: "long",
    day: "numeric",
    ...(isThisYear ? {} : { year: "numeric" }),
  });
}

/** The time today, else the day. @param at in ms since 1970 */
export function formatWhen(at: number): string {
  return daysAgo(at) === 0 ? formatTime(at) : format(at, { dateStyle: "medium" });
}

function daysAgo(at: number): number {
  return Math.round((midnight(Date.now()) - midnight(at)) / 86_400_000);
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}

/** As in the person's own country, if the language is spoken there. */
const locale: ReadonlySignal<string> = computed(() => {
  const [spoken] = language.value.split("-");
  return navigator.languages.find((tag) => tag.split("-")[0] === spoken) ?? language.value;
});

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  return formatter(options).format(at);
}

/** By language and options: to make one takes longer than to draw a message. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale.value} ${JSON.stringify(options)}`;
  const made = formatters.get(key) ?? new Intl.DateTimeFormat(locale.value, options);
  formatters.set(key, made);
  return made;
}
