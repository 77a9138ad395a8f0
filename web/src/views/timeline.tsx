// The messages of a conversation: those of the log that are looked at, and below them what is in the outbox.

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { RefusedSend, Unsent } from "../../../src/client/index.ts";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import type { Conversation } from "../model/conversations.ts";
import { withComings } from "../model/comings.ts";
import { isContinued, isSameDay, reachesDown, type Shown } from "../model/timeline.ts";
import type { Chat } from "../state/chat.ts";
import type { TimelineState } from "../state/timelines.ts";
import { formatCount } from "../words/count.ts";
import { formatDay, isolate, words } from "../words/words.ts";
import { ComingsView } from "./comings.tsx";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { EventView, MessageView, RefusedView, UnsentView } from "./message.tsx";
import { isLookedAt, useScroll } from "./use-scroll.ts";

export function TimelineView({ here }: { readonly here: Conversation }): JSX.Element {
  const chat = useChat();
  const { key, shown, isRoom } = here;
  const { timelines } = chat;
  const { value: state } = timelines.at(key);
  const { timeline, loading, isFollowing, jump, newAbove, newCount } = state;
  const { items, hasOlder, isAtEnd } = timeline;
  const pane = useRef<HTMLDivElement>(null);
  const isFor = ({ to }: Unsent | RefusedSend): boolean => to.some((one) => nameKey(one) === key);
  const unsent = chat.unsent.value.filter(isFor);
  const refused = chat.refused.value.filter(isFor);
  const w = words.value.timeline;
  const isOnline = chat.status.value.kind === "online";
  useEffect(() => timelines.retry(key), [chat, key, isOnline]);

  useScroll(pane, {
    isFollowing,
    isAtEnd,
    isLoading: loading !== undefined,
    jump: jump?.isDone === false ? jump.seq : undefined,
    jumped: () => timelines.jumped(key),
    isArriving: state.isArriving && loading !== "first",
    follow: (on) => timelines.follow(key, on),
    arrived: () => timelines.arrived(key),
    mayLoad: isOnline && !state.hasFailed,
    retry: () => timelines.retry(key),
    older: () => void (hasOlder && timelines.loadOlder(key, shown).catch(() => {})),
    newer: () => void timelines.loadNewer(key, shown).catch(() => {}),
    seen: (seq) => chat.seen(here, seq),
  });
  useUnseen(chat, here);

  const isNewAway = newCount > 0 && items.length > 0 && !reachesDown(timeline, newAbove);
  const toNew = (): void => void timelines.jumpTo(key, shown, newAbove + 1).catch(() => {});
  return (
    <div class="timeline">
      {isNewAway && (
        <button class="pill top" onClick={toNew}>
          {w.toNew(newCount)}
        </button>
      )}
      <div
        class="scroller"
        ref={pane}
        tabIndex={0}
        role="region"
        aria-label={isRoom ? w.labelRoom(shown) : w.label(shown)}
        aria-busy={loading !== undefined}
        onKeyDown={({ key: pressed }) => {
          if (pressed === "Escape") chat.toNewest(here);
        }}
      >
        <div class="stack">
          <Beginning here={here} state={state} />
          <ol>
            <Rows state={state} />
            <Pending
              here={here}
              last={isAtEnd ? items.at(-1) : undefined}
              me={chat.me.value}
              all={[...refused, ...unsent]}
            />
          </ol>
        </div>
      </div>
      {!isFollowing && (
        <button class="pill bottom" onClick={() => chat.toNewest(here)}>
          <Icon name="down" /> {w.toNewest}
          {here.unread > 0 && <span class="badge">{formatCount(here.unread)}</span>}
        </button>
      )}
      <Typing here={here} />
    </div>
  );
}

function Beginning(props: { here: Conversation; state: TimelineState }): JSX.Element {
  const { here, state } = props;
  const chat = useChat();
  const isOnline = chat.status.value.kind === "online";
  const w = words.value.timeline;
  const { timeline, loading } = state;
  if (loading === "first" || loading === "older" || timeline.hasOlder) {
    return <p class="beginning quiet">{isOnline ? w.loading : w.offline}</p>;
  }
  const { isRoom, shown } = here;
  const [first] = timeline.items;
  // What was said before is not for who came later.
  const isJoin = first?.kind === "join" && nameKey(first.name) === nameKey(chat.me.value);
  if (isJoin) return <p class="beginning quiet">{w.joinedHere(isolate(shown))}</p>;
  return (
    <p class="beginning quiet">
      {isRoom ? w.beginning(isolate(shown)) : w.beginningWith(isolate(shown))}
    </p>
  );
}

function Rows({ state }: { readonly state: TimelineState }): JSX.Element {
  const { timeline, newAbove, jump } = state;
  const { items } = timeline;
  // Where something is missing above, nobody knows which is the first.
  const firstNew =
    reachesDown(timeline, newAbove) &&
    items.find((item) => item.seq > newAbove && item.kind === "message" && !item.isOwn);
  const rows: ComponentChildren[] = [];
  const all = withComings(items);
  for (const [index, item] of all.entries()) {
    const before = all[index - 1];
    if (before === undefined || !isSameDay(before.at, item.at)) {
      rows.push(<Divider key={`day ${item.key}`} text={formatDay(item.at)} />);
    }
    if (item === firstNew) {
      rows.push(<Divider key="new" text={words.value.timeline.newLine} isNew />);
    }
    if (item.kind === "comings") {
      rows.push(<ComingsView key={item.key} item={item} />);
      continue;
    }
    rows.push(
      item.kind === "message" ? (
        <MessageView
          key={item.key}
          item={item}
          isContinued={item !== firstNew && isContinued(item, before)}
          isFound={item.seq === jump?.seq}
        />
      ) : (
        <EventView key={item.key} item={item} />
      ),
    );
  }
  return <>{rows}</>;
}

function Divider({ text, isNew = false }: { text: string; isNew?: boolean }): JSX.Element {
  return (
    <li class={isNew ? "divider new" : "divider"}>
      <span>{text}</span>
    </li>
  );
}

interface PendingProps {
  readonly here: Conversation;
  /** What they come after; undefined where something lies between. */
  readonly last: Shown | undefined;
  readonly me: string;
  readonly all: readonly (Unsent | RefusedSend)[];
}

/** What is in the outbox stands below whatever is looked at. */
function Pending({ here, last, me, all }: PendingProps): JSX.Element {
  let before = last;
  const rows = all
    .toSorted((one, other) => one.id - other.id)
    .map((send) => {
      const continued = isContinued({ from: me, at: send.at }, before);
      const { id, at, body } = send;
      before = { kind: "message", key: "", seq: 0, from: me, at, body, isOwn: true };
      return "code" in send ? (
        <RefusedView key={`s${id}`} here={here} send={send} isContinued={continued} />
      ) : (
        <UnsentView key={`s${id}`} here={here} send={send} isContinued={continued} />
      );
    });
  return <>{rows}</>;
}

function Typing({ here }: { readonly here: Conversation }): JSX.Element {
  const writer = useChat().typing.value.get(here.key);
  return (
    <p class="typing quiet">
      {writer === undefined ? "" : words.value.timeline.typing(isolate(writer.who))}
    </p>
  );
}

/** What comes and is not seen at once, since nobody looks or one is further up, is new to who comes back. */
function useUnseen(chat: Chat, { key, unread }: Conversation): void {
  const isUnread = unread > 0;
  useEffect(() => {
    const here = chat.current.peek();
    if (!isUnread || here?.key !== key || here.unread === 0) return;
    const isFollowed = chat.timelines.at(key).peek().isFollowing && isLookedAt();
    if (isFollowed && !chat.isSkipped(here)) return;
    chat.timelines.came(key, here.read, here.unread);
  }, [chat, key, isUnread]);
}
