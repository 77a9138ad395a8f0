// Whether a room's members are shown: beside it where there is space, as the person left it; else over
// it, for a moment.

import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { currentPlace } from "./place.ts";
import { showsMembers } from "./settings.ts";

/** As in the style sheet. */
const narrow = matchMedia("(width < 62.5em)");

const isNarrow: Signal<boolean> = signal(narrow.matches);
narrow.addEventListener("change", ({ matches }) => (isNarrow.value = matches));

const isOver: Signal<boolean> = signal(false);
effect(() => {
  void currentPlace.value;
  isOver.value = false;
});

export const hasMembersPane: ReadonlySignal<boolean> = computed(() =>
  isNarrow.value ? isOver.value : showsMembers.value,
);

/** What had the focus before the pane lay over the room. */
let opener: Element | null = null;

export function toggleMembersPane(): void {
  opener = document.activeElement;
  if (isNarrow.peek()) isOver.value = !isOver.peek();
  else showsMembers.value = !showsMembers.peek();
}

/** Whether it lies over the room. */
export function isMembersPaneOver(): boolean {
  return isNarrow.peek() && isOver.peek();
}

/** Takes away what lies over the room. @returns whether something did */
export function closeMembersPane(): boolean {
  const wasOver = isMembersPaneOver();
  isOver.value = false;
  return wasOver;
}

/** The same, for who is in it with the keyboard: the focus goes back to where it was. */
export function leaveMembersPane(): boolean {
  const wasOver = closeMembersPane();
  if (wasOver && opener instanceof HTMLElement) opener.focus();
  return wasOver;
}
