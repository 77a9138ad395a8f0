// Where a timeline is scrolled to: at its end while that is followed, else what is looked at stays where it
// is, whatever comes above or below it.

import { type RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** So near to an end counts as being there, in pixels. */
const NEAR = 24;
/** So near to an end what lies beyond it is loaded, in pixels. */
const SOON = 900;
/** Where the first new message is put, from the top, in parts of the height. */
const NEW_AT = 0.2;
/** The same for what is jumped to. */
const JUMP_AT = 0.35;

export interface ScrollOptions {
  readonly isFollowing: boolean;
  /** Whether the newest message is the last one here. */
  readonly isAtEnd: boolean;
  readonly isLoading: boolean;
  /** Whether what lies beyond the ends may be asked for. */
  readonly mayLoad: boolean;
  /** What is to be put into view, when it is there. */
  readonly jump: number | undefined;
  /** Whether one has just come here: what is new is put into view. */
  readonly isArriving: boolean;
  readonly follow: (on: boolean) => void;
  readonly jumped: () => void;
  /** The first position is found. */
  readonly arrived: () => void;
  /** One scrolls: what was refused may be asked for again. */
  readonly retry: () => void;
  readonly older: () => void;
  readonly newer: () => void;
  /** Everything up to a seq is above the lower edge, while somebody looks. */
  readonly seen: (seq: number) => void;
}

/** What is looked at: the first row in view, and where on the screen it begins, whatever the pane does. */
interface Anchor {
  readonly key: string;
  readonly top: number;
}

export function useScroll(pane: RefObject<HTMLElement | null>, options: ScrollOptions): void {
  const latest = useRef(options);
  latest.current = options;
  const anchor = useRef<Anchor | undefined>(undefined);

  const settle = (): void => {
    const { current: element } = pane;
    if (element === null) return;
    const { isFollowing, isAtEnd, isLoading, jump, isArriving, jumped, arrived, follow } =
      latest.current;
    const target = jump === undefined || isLoading ? undefined : findRow(element, jump);
    if (target !== undefined) {
      scrollTo(element, target, JUMP_AT);
      follow(isAtBottom(element) && isAtEnd);
      jumped();
    } else if (isArriving && element.querySelector("[data-seq]") !== null) {
      const line = element.querySelector<HTMLElement>(".divider.new");
      if (line === null) element.scrollTop = element.scrollHeight;
      else scrollTo(element, line, NEW_AT);
      follow(isAtBottom(element) && isAtEnd);
      arrived();
    } else if (isFollowing) {
      element.scrollTop = element.scrollHeight;
    } else {
      restore(element, anchor.current);
    }
    look(element);
  };

  const look = (element: HTMLElement): void => {
    anchor.current = findAnchor(element);
    const { isLoading, mayLoad, isAtEnd, older, newer } = latest.current;
    if (isLoading || element.querySelector("[data-seq]") === null) return;
    const below = element.scrollHeight - element.clientHeight - element.scrollTop;
    if (mayLoad && !isAtEnd && below < SOON) newer();
    else if (mayLoad && element.scrollTop < SOON) older();
    tellSeen(element, latest.current.seen);
  };

  useLayoutEffect(settle);

  useEffect(() => {
    const { current: element } = pane;
    if (element === null) return;
    const scrolled = (): void => {
      const { isAtEnd, isFollowing, follow, retry } = latest.current;
      // Whoever is on the way to the end stays so while the rest of it is loaded.
      follow(isAtBottom(element) && (isAtEnd || isFollowing));
      retry();
      look(element);
    };
    const returned = (): void => tellSeen(element, latest.current.seen);
    element.addEventListener("scroll", scrolled, { passive: true });
    addEventListener("focus", returned);
    // A keyboard comes up, fonts are there, the window changes.
    const observer = new ResizeObserver(settle);
    observer.observe(element);
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild);
    return () => {
      element.removeEventListener("scroll", scrolled);
      removeEventListener("focus", returned);
      observer.disconnect();
    };
  }, [pane]);
}

function isAtBottom({ scrollHeight, clientHeight, scrollTop }: HTMLElement): boolean {
  return scrollHeight - clientHeight - scrollTop < NEAR;
}

function scrollTo(pane: HTMLElement, row: HTMLElement, part: number): void {
  const top = row.getBoundingClientRect().top - pane.getBoundingClientRect().top;
  pane.scrollTop += top - pane.clientHeight * part;
}

/** The row of a seq: one row may stand for several, and has the last one's. */
function findRow(pane: HTMLElement, seq: number): HTMLElement | undefined {
  const rows = [...pane.querySelectorAll<HTMLElement>("[data-seq]")];
  return rows.find((row) => Number(row.dataset["seq"]) >= seq);
}

function findAnchor(pane: HTMLElement): Anchor | undefined {
  const edge = pane.getBoundingClientRect().top;
  for (const row of pane.querySelectorAll<HTMLElement>("[data-key]")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > edge) return { key: row.dataset["key"] ?? "", top };
  }
  return undefined;
}

function restore(pane: HTMLElement, anchor: Anchor | undefined): void {
  if (anchor === undefined) return;
  const row = pane.querySelector<HTMLElement>(`[data-key="${anchor.key}"]`);
  if (row === null) return;
  const { top } = row.getBoundingClientRect();
  if (top !== anchor.top) pane.scrollTop += top - anchor.top;
}

/** Whether somebody looks at the page. */
export function isLookedAt(): boolean {
  return document.visibilityState === "visible" && document.hasFocus();
}

function tellSeen(pane: HTMLElement, seen: (seq: number) => void): void {
  if (!isLookedAt()) return;
  const edge = pane.getBoundingClientRect().bottom + NEAR;
  const rows = [...pane.querySelectorAll<HTMLElement>("[data-seq]")];
  const last = rows.findLast((row) => row.getBoundingClientRect().bottom <= edge);
  if (last !== undefined) seen(Number(last.dataset["seq"]));
}
