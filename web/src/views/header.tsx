// Over a conversation: what it is, and what can be done with it.

import type { JSX } from "preact";
import type { Conversation } from "../model/conversations.ts";
import { goTo } from "../state/place.ts";
import { hasMembersPane, toggleMembersPane } from "../state/members-pane.ts";
import { muted, setMuted } from "../state/own.ts";
import { formatWhen, words } from "../words/words.ts";
import { Avatar } from "./avatar.tsx";
import { BodyText } from "./body.tsx";
import { useChat } from "./context.ts";
import { Icon, type IconName } from "./icons.tsx";
import { Mark } from "./mark.tsx";

export function Header({ here }: { readonly here: Conversation }): JSX.Element {
  const chat = useChat();
  const w = words.value.header;
  const { key, shown, isRoom, isMember, isPrivate } = here;
  const isMuted = muted.value.includes(key);
  const leave = (): void => {
    chat.leave(here).catch((trouble) => (chat.trouble.value = trouble));
  };
  return (
    <header class="header">
      <Action icon="back" label={w.back} class="only-narrow" act={() => goTo("")} />
      {!isRoom && <Avatar name={shown} isOnline={chat.presence.value.get(key)?.online} />}
      <div class="header-text">
        <h1>
          <bdi>{shown}</bdi>
          {isPrivate && <Mark icon="lock" text={w.private} />}
        </h1>
        <Subtitle here={here} />
      </div>
      <Action
        icon={isMuted ? "muted" : "bell"}
        label={isMuted ? w.unmute : w.mute}
        act={() => setMuted(key, !isMuted)}
      />
      {isMember && <Action icon="leave" label={w.leave} act={leave} />}
      {isMember && <MembersAction />}
    </header>
  );
}

function Subtitle({ here }: { readonly here: Conversation }): JSX.Element | null {
  const chat = useChat();
  const w = words.value.header;
  if (here.isRoom) {
    const { topic, members, isMember } = here;
    if (!isMember) return null;
    return (
      <p class="topic" dir="auto" title={topic}>
        {topic === "" ? w.members(members) : <BodyText body={topic} me="" />}
      </p>
    );
  }
  const present = chat.presence.value.get(here.key);
  if (present === undefined) return null;
  return <p class="topic">{present.online ? w.online : w.away(formatWhen(present.since))}</p>;
}

function MembersAction(): JSX.Element {
  const { show, hide } = words.value.members;
  const isShown = hasMembersPane.value;
  return (
    <Action
      icon="people"
      label={isShown ? hide : show}
      isPressed={isShown}
      act={toggleMembersPane}
    />
  );
}

interface ActionProps {
  readonly icon: IconName;
  readonly label: string;
  readonly act: () => void;
  readonly class?: string;
  readonly isPressed?: boolean;
}

function Action({ icon, label, act, class: name = "", isPressed }: ActionProps): JSX.Element {
  return (
    <button
      class={`round ${name}`}
      aria-label={label}
      title={label}
      aria-pressed={isPressed}
      onClick={act}
    >
      <Icon name={icon} />
    </button>
  );
}
