// Over a list of conversations that is longer than what is seen of it: how many new ones lie beyond its edges,
// and a way to the next.

import type { JSX, RefObject } from "preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import type { Conversations } from "../model/conversations.ts";
import { words } from "../words/words.ts";
import { Icon } from "./icons.tsx";

interface Beyond {
  readonly above: readonly Element[];
  readonly below: readonly Element[];
}

const NONE: Beyond = { above: [], below: [] };

interface Props {
  readonly list: RefObject<HTMLElement | null>;
  /** Those in the list: when they change it is looked at again. */
  readonly all: Conversations;
}

export function MoreUnread({ list, all }: Props): JSX.Element {
  const [{ above, below }, setBeyond] = useState(NONE);
  const look = (): void => {
    const { current: pane } = list;
    const found = pane === null ? NONE : unreadBeyond(pane);
    setBeyond((before) => (isSame(before, found) ? before : found));
  };
  useLayoutEffect(look, [all]);
  useEffect(() => {
    const { current: pane } = list;
    if (pane === null) return;
    const observer = new ResizeObserver(look);
    observer.observe(pane);
    pane.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      pane.removeEventListener("scroll", look);
    };
  }, [list]);
  return (
    <>
      <Pill edge="top" to={above.at(-1)} count={above.length} />
      <Pill edge="bottom" to={below[0]} count={below.length} />
    </>
  );
}

interface PillProps {
  readonly edge: "top" | "bottom";
  readonly to: Element | undefined;
  readonly count: number;
}

function Pill({ edge, to, count }: PillProps): JSX.Element | null {
  if (to === undefined) return null;
  return (
    <button class={`pill ${edge}`} onClick={() => to.scrollIntoView({ block: "center" })}>
      <Icon name={edge === "top" ? "up" : "down"} /> {words.value.side.more(count)}
    </button>
  );
}

function unreadBeyond(pane: HTMLElement): Beyond {
  const { top, bottom } = pane.getBoundingClientRect();
  const all = [...pane.querySelectorAll('.entry[data-is-new="true"]')];
  return {
    above: all.filter((entry) => middleOf(entry) < top),
    below: all.filter((entry) => middleOf(entry) > bottom),
  };
}

function middleOf(entry: Element): number {
  const { top, bottom } = entry.getBoundingClientRect();
  return (top + bottom) / 2;
}

function isSame(one: Beyond, other: Beyond): boolean {
  return (["above", "below"] as const).every(
    (side) =>
      one[side].length === other[side].length &&
      one[side].every((entry, index) => entry === other[side][index]),
  );
}
