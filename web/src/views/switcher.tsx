// From a few letters to a conversation: one that there is, a room to join, or somebody to write to.

import type { JSX } from "preact";
import { useEffect, useId, useState } from "preact/hooks";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { matching } from "../model/completion.ts";
import { isRecipient } from "../model/recipient.ts";
import { type Chat, inOrder } from "../state/chat.ts";
import { words } from "../words/words.ts";
import { Avatar } from "./avatar.tsx";
import { useChat } from "./context.ts";
import { closePanel, Dialog } from "./dialog.tsx";
import { isComposing } from "./keys.ts";

/** As many are offered. */
const MOST = 12;

interface Offer {
  readonly to: string;
  readonly text: string;
  readonly isNew: boolean;
}

export function Switcher(): JSX.Element {
  const chat = useChat();
  const w = words.value.switcher;
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const others = useOthers(chat);
  const id = useId();
  const offers = offersFor(chat, typed, others);
  const picked = Math.min(at, offers.length - 1);

  const take = (offer: Offer | undefined): void => {
    if (offer === undefined) return;
    closePanel();
    const known = chat.conversations.peek().get(nameKey(offer.to));
    if (!offer.to.startsWith("#") || known?.isMember === true) return chat.go(offer.to);
    chat.join(offer.to).catch((trouble) => (chat.trouble.value = trouble));
  };

  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown") setAt((picked + 1) % Math.max(1, offers.length));
    else if (event.key === "ArrowUp")
      setAt((picked - 1 + offers.length) % Math.max(1, offers.length));
    else if (event.key === "Enter") take(offers[picked]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog label={w.label} class="switcher">
      <input
        role="combobox"
        aria-label={w.label}
        aria-expanded={true}
        aria-controls={id}
        aria-activedescendant={offers.length > 0 ? `${id}-${picked}` : undefined}
        placeholder={w.placeholder}
        value={typed}
        autofocus
        autocapitalize="none"
        autocomplete="off"
        spellcheck={false}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={press}
      />
      <ul role="listbox" id={id} aria-label={w.label}>
        {offers.map((offer, index) => (
          <li
            key={`${offer.to} ${offer.isNew}`}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === picked}
            ref={index === picked ? intoView : null}
            onClick={() => take(offer)}
          >
            {offer.to.startsWith("#") ? (
              <span class="sign" aria-hidden="true">
                #
              </span>
            ) : (
              <Avatar
                name={offer.to}
                isOnline={chat.presence.value.get(nameKey(offer.to))?.online}
              />
            )}
            <span dir="auto">{offer.text}</span>
          </li>
        ))}
      </ul>
      {offers.length === 0 && <p class="quiet">{typed === "" ? w.hint : w.nothing}</p>}
    </Dialog>
  );
}

function intoView(option: HTMLElement | null): void {
  option?.scrollIntoView({ block: "nearest" });
}

function offersFor(chat: Chat, typed: string, others: readonly string[]): readonly Offer[] {
  const w = words.value.switcher;
  const known = inOrder(chat.conversations.value).map(({ shown }) => shown);
  const keys = new Set(known.map(nameKey));
  // Notes to oneself are for who types it.
  const more = others.filter((one) => !keys.has(nameKey(one)) && one !== chat.me.value);
  const found = matching([...known, ...more], typed).slice(0, MOST);
  const offers = found.map((to): Offer => ({ to, text: textOf(to, keys), isNew: false }));
  const sought = typed.trim();
  const taken = new Set(found.map(nameKey));
  for (const to of sought.startsWith("#") ? [sought] : [sought, `#${sought}`]) {
    if (!isRecipient(to) || taken.has(nameKey(to)) || keys.has(nameKey(to))) continue;
    offers.push({ to, text: to.startsWith("#") ? w.join(to) : w.write(to), isNew: true });
  }
  return offers;
}

function textOf(to: string, keys: ReadonlySet<string>): string {
  const isOutside = to.startsWith("#") && !keys.has(nameKey(to));
  return isOutside ? words.value.switcher.join(to) : to;
}

/** Rooms that one may join, and who is connected. */
function useOthers(chat: Chat): readonly string[] {
  const [others, setOthers] = useState<readonly string[]>([]);
  useEffect(() => {
    const { rooms, who } = chat.line.ask;
    Promise.all([rooms(), who()]).then(
      ([all, names]) => setOthers([...all.map(({ room }) => room), ...names]),
      () => {},
    );
  }, [chat]);
  return others;
}
