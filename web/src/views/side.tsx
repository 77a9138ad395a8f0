// The conversations, with what is new in each, and who one is.

import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import type { LineStatus } from "../line/messages.ts";
import { type Conversation, listed } from "../model/conversations.ts";
import { panel } from "../state/panels.ts";
import { currentPlace } from "../state/place.ts";
import { drafts, muted } from "../state/own.ts";
import { formatCount } from "../words/count.ts";
import { words } from "../words/words.ts";
import { Avatar } from "./avatar.tsx";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { Mark } from "./mark.tsx";
import { MoreUnread } from "./more-unread.tsx";
import { Welcome } from "./welcome.tsx";

export function Side(): JSX.Element {
  const chat = useChat();
  const w = words.value.side;
  const { value: conversations } = chat.conversations;
  const { rooms, people } = useMemo(() => listed(conversations), [conversations]);
  const list = useRef<HTMLDivElement>(null);
  const place = currentPlace.value;
  useEffect(() => {
    list.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
  }, [place]);
  return (
    <nav class="side" aria-label={w.label}>
      <div class="side-top">
        <button class="begin" onClick={() => (panel.value = "switcher")}>
          <Icon name="plus" />
          <span>{w.add}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <button
          class="round"
          aria-label={w.search}
          title={w.search}
          onClick={() => (panel.value = "search")}
        >
          <Icon name="search" />
        </button>
      </div>
      <div class="side-middle">
        <div class="side-list" ref={list}>
          {conversations.size === 0 && chat.isLearned.value && <NoConversations />}
          <Section title={w.rooms} all={rooms} />
          <Section title={w.people} all={people} />
        </div>
        <MoreUnread list={list} all={conversations} />
      </div>
      <Me />
    </nav>
  );
}

/** On a phone the list is all that there is to see: the style sheet shows one or the other. */
function NoConversations(): JSX.Element {
  return (
    <>
      <p class="quiet none">{words.value.side.none}</p>
      <div class="empty">
        <Welcome />
      </div>
    </>
  );
}

function Section(props: { title: string; all: readonly Conversation[] }): JSX.Element | null {
  const { title, all } = props;
  if (all.length === 0) return null;
  return (
    <section>
      <h2>{title}</h2>
      <ul>
        {all.map((one) => (
          <Entry key={one.key} one={one} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ one }: { readonly one: Conversation }): JSX.Element {
  const chat = useChat();
  const w = words.value.side;
  const { key, shown, isRoom, isPrivate, unread, isUrgent, last } = one;
  const place = currentPlace.value;
  const isHere = place !== "" && nameKey(place) === key;
  const isMuted = muted.value.includes(key);
  const isHis = ({ to }: { readonly to: readonly string[] }): boolean =>
    to.some((name) => nameKey(name) === key);
  const waiting = chat.unsent.value.filter(isHis).length;
  const refused = chat.refused.value.filter(isHis).length;
  const isNew = unread > 0 && !isHere;
  const draft = drafts.value.get(key);
  const preview = draft === undefined || isHere ? last?.body : `✎ ${draft}`;
  return (
    <li>
      <a
        href={`#/${encodeURIComponent(shown)}`}
        class="entry"
        aria-current={isHere ? "page" : undefined}
        data-is-new={isNew && !isMuted}
        data-is-muted={isMuted}
      >
        {isRoom ? (
          <span class="sign" aria-hidden="true">
            {isPrivate ? <Icon name="lock" /> : "#"}
          </span>
        ) : (
          <Avatar name={shown} isOnline={chat.presence.value.get(key)?.online} />
        )}
        <span class="entry-text">
          <span class="entry-name">
            <bdi>{isRoom ? shown.slice(1) : shown}</bdi>
          </span>
          {!isRoom && preview !== undefined && (
            <span class="entry-last" aria-hidden="true">
              <bdi>{preview}</bdi>
            </span>
          )}
        </span>
        {isMuted && <Mark icon="muted" text={w.muted} />}
        {waiting > 0 && <Mark icon="clock" text={w.waiting(waiting)} />}
        {refused > 0 && <Mark icon="warning" text={w.refused(refused)} />}
        {isNew && (
          <span class="badge" data-is-urgent={isUrgent && !isMuted}>
            <span aria-hidden="true">{formatCount(unread)}</span>
            <span class="unseen">
              {w.unread(unread)}
              {isUrgent && `, ${w.urgent}`}
            </span>
          </span>
        )}
      </a>
    </li>
  );
}

function Me(): JSX.Element {
  const chat = useChat();
  const w = words.value;
  const { value: status } = chat.status;
  const isOnline = status.kind === "online";
  return (
    <div class="me">
      <Avatar name={chat.me.value} isOnline={isOnline} />
      <span class="entry-text">
        <span class="entry-name">
          <bdi>{chat.me.value}</bdi>
        </span>
        <span class="entry-last">{statusText(status)}</span>
      </span>
      <button
        class="round"
        aria-label={w.side.help}
        title={w.side.help}
        onClick={() => (panel.value = "help")}
      >
        <Icon name="help" />
      </button>
      <button
        class="round"
        aria-label={w.side.settings}
        title={w.side.settings}
        onClick={() => (panel.value = "settings")}
      >
        <Icon name="settings" />
      </button>
    </div>
  );
}

function statusText(status: LineStatus): string {
  const w = words.value.state;
  switch (status.kind) {
    case "online":
      return w.online;
    case "connecting":
      return status.why === undefined ? w.connecting : w.away;
    case "offline":
      return w.isOffline;
    case "reconnecting":
    case "closed":
      return w.away;
  }
}
