// Who is in a room, those who are there first.

import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import type { Conversation } from "../model/conversations.ts";
import type { Chat, Member } from "../state/chat.ts";
import { closeMembersPane, isMembersPaneOver } from "../state/members-pane.ts";
import { words } from "../words/words.ts";
import { Avatar } from "./avatar.tsx";
import { useChat } from "./context.ts";

/** As many are shown: nobody reads more, and a page of ten thousand is slow. */
const MOST_SHOWN = 200;

export function Members({ room }: { readonly room: Conversation }): JSX.Element {
  const chat = useChat();
  const { title, online, owner, moderator, write } = words.value.members;
  const all = useMembers(chat, room);
  const { value: presence } = chat.presence;
  const isHere = chat.status.value.kind === "online";
  const isOnline = ({ name }: Member): boolean =>
    nameKey(name) === nameKey(chat.me.value)
      ? isHere
      : presence.get(nameKey(name))?.online === true;
  const sorted = all.toSorted(
    (one, other) =>
      Number(isOnline(other)) - Number(isOnline(one)) ||
      nameKey(one.name).localeCompare(nameKey(other.name)),
  );
  useCloseOutside();
  const pane = useRef<HTMLElement>(null);
  // What lies over the room comes next for who goes on with Tab, too.
  useEffect(() => {
    if (isMembersPaneOver()) pane.current?.focus();
  }, []);
  return (
    <aside class="members" aria-label={title} ref={pane} tabIndex={-1}>
      <h2>
        {title} <span class="quiet">{room.members}</span>
      </h2>
      <ul>
        {sorted.slice(0, MOST_SHOWN).map((member) => (
          <li key={member.name}>
            <a
              class="entry"
              href={`#/${encodeURIComponent(member.name)}`}
              title={write(member.name)}
              data-is-away={!isOnline(member)}
            >
              <Avatar name={member.name} isOnline={isOnline(member)} />
              <span class="entry-text">
                <span class="entry-name">
                  <bdi>{member.name}</bdi>
                </span>
                {member.standing === "owner" && <span class="entry-last">{owner}</span>}
                {member.standing === "moderator" && <span class="entry-last">{moderator}</span>}
              </span>
              {isOnline(member) && <span class="unseen">{online}</span>}
            </a>
          </li>
        ))}
      </ul>
      {sorted.length > MOST_SHOWN && <p class="quiet">+ {sorted.length - MOST_SHOWN}</p>}
    </aside>
  );
}

/** Where it lies over the room, whatever is done elsewhere takes it away. */
function useCloseOutside(): void {
  useEffect(() => {
    const pressed = ({ target }: Event): void => {
      const isInside = target instanceof Element && target.closest(".members, .header") !== null;
      if (!isInside) closeMembersPane();
    };
    addEventListener("pointerdown", pressed);
    return () => removeEventListener("pointerdown", pressed);
  }, []);
}

/** Asked for again when somebody came or went, or the connection is back. */
function useMembers(chat: Chat, room: Conversation): readonly Member[] {
  const { kind } = chat.status.value;
  useEffect(() => {
    // One may have just left the room.
    if (kind === "online") chat.findMembers(room).catch(() => {});
  }, [chat, room.key, room.members, kind]);
  return chat.members.value.get(room.key) ?? [];
}
