// Where a message is written. It is kept as a draft until it is in the outbox.

import type { JSX, RefObject } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { commandsFor } from "../model/commands.ts";
import { complete } from "../model/completion.ts";
import type { Conversation } from "../model/conversations.ts";
import { type Chat, inOrder } from "../state/chat.ts";
import { submit } from "../state/perform.ts";
import { drafts, setDraft } from "../state/own.ts";
import { words } from "../words/words.ts";
import { useChat } from "./context.ts";
import { Icon } from "./icons.tsx";
import { isComposing } from "./keys.ts";

/** Phones have no keys beside the one on the screen: there Enter begins a new line. */
export const hasKeyboard: boolean = matchMedia("(hover: hover)").matches;

/** What Tab has made, how often it was pressed, and of what. */
interface Completing {
  readonly text: string;
  readonly turn: number;
  readonly base: { readonly text: string; readonly caret: number };
}

export function Composer({ here }: { readonly here: Conversation }): JSX.Element {
  const chat = useChat();
  const { key, shown } = here;
  const text = drafts.value.get(key) ?? "";
  const input = useRef<HTMLTextAreaElement>(null);
  const completing = useRef<Completing | undefined>(undefined);
  const w = words.value.composer;
  const commands = useCommands(text);
  const list = useId();

  useEffect(() => {
    if (hasKeyboard) input.current?.focus();
  }, [key]);
  useLayoutEffect(() => {
    if (input.current !== null) fit(input.current);
  }, [text]);
  useFit(input);

  const send = (): void => {
    const body = text.replace(/^\n+/, "").trimEnd();
    if (body !== "" && submit(chat, here, body)) setDraft(key, "");
  };

  const change = (changed: string, caret: number): void => {
    setDraft(key, changed);
    queueMicrotask(() => input.current?.setSelectionRange(caret, caret));
  };

  const completeWord = (): boolean => {
    const caret = input.current?.selectionStart ?? text.length;
    const { current: before } = completing;
    // Once more: the next one that fits what was typed.
    const { base, turn } =
      before?.text === text
        ? { base: before.base, turn: before.turn + 1 }
        : { base: { text, caret }, turn: 0 };
    const found = complete(base.text, base.caret, candidates(chat, here), turn);
    if (found === undefined) return false;
    completing.current = { text: found.text, turn, base };
    change(found.text, found.caret);
    return true;
  };

  const editLast = (): boolean => {
    const mine = [...chat.refused.value, ...chat.unsent.value].filter(({ to }) =>
      to.includes(shown),
    );
    const last = mine.toSorted((one, other) => one.id - other.id).at(-1);
    if (last === undefined) return false;
    chat
      .takeBack(last.id, (body) => change(body, body.length))
      .catch((trouble) => (chat.trouble.value = trouble));
    return true;
  };

  const pick = (name: string): void => {
    const picked = `/${name}${words.value.help.usages[name] === undefined ? "" : " "}`;
    change(picked, picked.length);
    input.current?.focus();
  };

  const press = (event: KeyboardEvent): boolean => {
    const { key: pressed, shiftKey, altKey, ctrlKey } = event;
    if (isComposing(event) || altKey || ctrlKey) return false;
    const picked = commands.picked;
    if (picked !== undefined && !shiftKey) {
      if (pressed === "ArrowDown" || pressed === "ArrowUp") {
        commands.move(pressed === "ArrowDown" ? 1 : -1);
        return true;
      }
      const isWhole = text === `/${picked}`;
      if (pressed === "Tab" || (pressed === "Enter" && !isWhole)) {
        pick(picked);
        return true;
      }
      if (pressed === "Escape") {
        commands.close();
        return true;
      }
    }
    if (pressed === "Enter" && !shiftKey && hasKeyboard) {
      send();
      return true;
    }
    if (pressed === "Tab" && !shiftKey) return completeWord();
    if (pressed === "ArrowUp" && text === "") return editLast();
    if (pressed === "Escape") {
      chat.toNewest(here);
      return true;
    }
    return false;
  };

  const isOpen = commands.picked !== undefined;
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {isOpen && (
        <ul class="commands" role="listbox" id={list} aria-label={w.commands}>
          {commands.all.map((name) => (
            <li
              key={name}
              id={`${list}-${name}`}
              role="option"
              aria-selected={name === commands.picked}
              onMouseDown={(event) => {
                event.preventDefault();
                pick(name);
              }}
            >
              <span>
                /{name} <span class="quiet">{words.value.help.usages[name]}</span>
              </span>
              <span class="quiet">{words.value.help.commands[name]}</span>
            </li>
          ))}
        </ul>
      )}
      <textarea
        ref={input}
        rows={1}
        value={text}
        dir="auto"
        aria-label={w.label(shown)}
        placeholder={w.label(shown)}
        title={hasKeyboard ? w.hint : undefined}
        aria-controls={isOpen ? list : undefined}
        aria-autocomplete="list"
        aria-activedescendant={isOpen ? `${list}-${commands.picked}` : undefined}
        enterkeyhint={hasKeyboard ? "send" : "enter"}
        onInput={({ currentTarget }) => {
          completing.current = undefined;
          setDraft(key, currentTarget.value);
          if (currentTarget.value !== "" && !currentTarget.value.startsWith("/")) chat.typed(here);
        }}
        onKeyDown={(event) => {
          if (press(event)) event.preventDefault();
        }}
      />
      <button class="send" type="submit" aria-label={w.send} title={w.send} disabled={text === ""}>
        <Icon name="send" />
      </button>
    </form>
  );
}

/** As many commands are offered at once: all of them fit on a phone, above its keyboard. */
const MOST_OFFERED = 6;

interface Commands {
  /** Those around the picked one. */
  readonly all: readonly string[];
  /** Undefined when none is offered. */
  readonly picked: string | undefined;
  readonly move: (by: number) => void;
  readonly close: () => void;
}

function useCommands(text: string): Commands {
  const all = commandsFor(text);
  // Whatever is typed begins with the first one again.
  const [picking, setPicking] = useState({ text: "", at: 0 });
  const at = picking.text === text ? picking.at : 0;
  const [closedAt, setClosedAt] = useState("");
  const isOffered = all.length > 0 && text !== closedAt;
  const last = Math.max(at + 1, MOST_OFFERED);
  return {
    all: all.slice(last - MOST_OFFERED, last),
    picked: isOffered ? (all[at] ?? all[0]) : undefined,
    move: (by) => setPicking({ text, at: (at + by + all.length) % all.length }),
    close: () => setClosedAt(text),
  };
}

/** Whom or what a word may become: who spoke here last, then everybody, then rooms. */
function candidates(chat: Chat, { key, shown, isRoom }: Conversation): readonly string[] {
  const { items } = chat.timelines.at(key).peek().timeline;
  const me = chat.me.peek();
  const speakers = items
    .toReversed()
    .map((item) => (item.kind === "message" ? item.from : item.name));
  const others = inOrder(chat.conversations.peek()).map((one) => one.shown);
  const present = [...chat.presence.peek().values()].map(({ name }) => name);
  const all = [...speakers, ...(isRoom ? [] : [shown]), ...present, ...others];
  return [...new Set(all)].filter((name) => name !== me);
}

/** Again when it becomes narrower or wider: its lines break elsewhere. */
function useFit(input: RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    const { current: element } = input;
    if (element === null) return;
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth === width) return;
      width = element.clientWidth;
      fit(element);
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [input]);
}

/** Goes on where one writes: what had the focus is there no more. */
export function focusComposer(): void {
  document.querySelector<HTMLElement>(".composer textarea")?.focus();
}

/** As high as its text, up to what the style allows. */
function fit(input: HTMLTextAreaElement): void {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight}px`;
}
