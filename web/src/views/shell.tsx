// The page of who is logged in: conversations at the side, the one that is looked at, its members.

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import type { Conversation } from "../model/conversations.ts";
import type { Chat } from "../state/chat.ts";
import { panel } from "../state/panels.ts";
import { currentPlace } from "../state/place.ts";
import { hasMembersPane } from "../state/members-pane.ts";
import { showCount } from "../state/notifier.ts";
import { isolate, words } from "../words/words.ts";
import { Bar } from "./bar.tsx";
import { Composer } from "./composer.tsx";
import { useChat } from "./context.ts";
import { Header } from "./header.tsx";
import { HelpPanel } from "./help.tsx";
import { useKeys } from "./keys.ts";
import { Members } from "./members.tsx";
import { Notices, useOwnNotices } from "./notices.tsx";
import { SearchPanel } from "./search.tsx";
import { SettingsPanel } from "./settings.tsx";
import { Side } from "./side.tsx";
import { Switcher } from "./switcher.tsx";
import { TimelineView } from "./timeline.tsx";
import { Welcome } from "./welcome.tsx";

const PANELS = {
  switcher: Switcher,
  search: SearchPanel,
  settings: SettingsPanel,
  help: HelpPanel,
} as const;

export function Shell(): JSX.Element {
  const chat = useChat();
  const place = currentPlace.value;
  const here = useHere(chat);
  useKeys(chat);
  useOwnNotices(chat, place);
  useEffect(() => showCount(chat.urgent.value, place), [chat.urgent.value, place]);
  // Whoever is written to for the first time is a conversation as soon as one goes there.
  useEffect(() => {
    if (place !== "" && !place.startsWith("#")) chat.go(place);
  }, [chat, place]);
  const Panel = panel.value && PANELS[panel.value];
  const hasMembers = here?.isMember === true && hasMembersPane.value;
  return (
    <div class="shell" data-is-somewhere={place !== ""} data-has-members={hasMembers}>
      <Side />
      <main class="pane">
        {here !== undefined && <Header here={here} />}
        <Bar />
        {here === undefined ? (
          <Nowhere place={place} />
        ) : (
          <>
            <TimelineView key={here.key} here={here} />
            <Notices />
            {here.isRoom && !here.isMember ? (
              <Outside room={here.shown} />
            ) : (
              <Composer key={`composer ${here.key}`} here={here} />
            )}
          </>
        )}
      </main>
      {hasMembers && <Members key={here.key} room={here} />}
      {Panel && <Panel />}
    </div>
  );
}

/** What is looked at. Of a room that one is not in that is what is known of it, if anything is. */
function useHere(chat: Chat): Conversation | undefined {
  const here = chat.current.value;
  if (here === undefined || !here.isRoom || here.isMember) return here;
  const isHere = ({ to }: { readonly to: readonly string[] }): boolean =>
    to.some((one) => nameKey(one) === here.key);
  const isKnown =
    chat.timelines.at(here.key).value.timeline.items.length > 0 ||
    [...chat.unsent.value, ...chat.refused.value].some(isHere);
  return isKnown ? here : undefined;
}

/** In the composer's place. */
function Outside({ room }: { readonly room: string }): JSX.Element {
  const chat = useChat();
  const { outside, join } = words.value.room;
  const enter = (): void => {
    chat.join(room).catch((trouble) => (chat.trouble.value = trouble));
  };
  return (
    <div class="notice">
      <span dir="auto">{outside(isolate(room))}</span>
      <button class="plain" onClick={enter}>
        {join(isolate(room))}
      </button>
    </div>
  );
}

function Nowhere({ place }: { readonly place: string }): JSX.Element {
  const chat = useChat();
  if (place !== "") {
    if (!chat.isLearned.value) return <div class="empty" aria-busy="true" />;
    const { outside, outsideText, join } = words.value.room;
    const enter = (): void => {
      chat.join(place).catch((trouble) => (chat.trouble.value = trouble));
    };
    return (
      <div class="empty">
        <h1>{outside(place)}</h1>
        <p>{outsideText}</p>
        <button class="primary" onClick={enter}>
          {join(place)}
        </button>
        <Notices />
      </div>
    );
  }
  return (
    <div class="empty">
      <Welcome />
      <Notices />
    </div>
  );
}
