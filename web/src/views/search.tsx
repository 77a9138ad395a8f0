// Search: words, and what was found, each with a way to its place.

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { SearchFrame } from "../../../src/client/index.ts";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { placeOf } from "../model/conversations.ts";
import type { Refusal } from "../line/shared-line.ts";
import type { Chat } from "../state/chat.ts";
import { sought } from "../state/panels.ts";
import { formatWhen, words } from "../words/words.ts";
import { useChat } from "./context.ts";
import { closePanel, Dialog } from "./dialog.tsx";
import { explain } from "./explain.ts";

type Found = SearchFrame["messages"][number];

interface Results {
  readonly words: string;
  readonly messages: readonly Found[];
  readonly next: number | undefined;
  readonly isComplete: boolean;
}

export function SearchPanel(): JSX.Element {
  const chat = useChat();
  const w = words.value.search;
  const isOnline = chat.status.value.kind === "online";
  const [typed, setTyped] = useState(sought.value);
  const [results, setResults] = useState<Results>();
  const [problem, setProblem] = useState("");

  const [isBusy, setBusy] = useState(false);
  const newest = useRef(0);

  /** What is asked for last counts, whatever is answered last. */
  const look = async (text: string, before?: Results): Promise<void> => {
    const turn = ++newest.current;
    setProblem("");
    setBusy(true);
    if (before === undefined) setResults(undefined);
    const [found, trouble] = await search(chat, text, before).then(
      (results) => [results, ""] as const,
      (error: Refusal) => [before, explain({ code: error.code, text: error.message })] as const,
    );
    if (turn !== newest.current) return;
    setBusy(false);
    setResults(found);
    setProblem(trouble);
  };
  useEffect(() => {
    if (sought.value !== "") void look(sought.value);
    sought.value = "";
  }, []);

  return (
    <Dialog label={w.label} title={w.label} class="search">
      <form
        class="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          void look(typed);
        }}
      >
        <input
          type="text"
          inputmode="search"
          enterkeyhint="search"
          aria-label={w.label}
          placeholder={w.placeholder}
          value={typed}
          autofocus
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <button class="primary" type="submit">
          {w.submit}
        </button>
      </form>
      {problem !== "" && <p class="wrong">{problem}</p>}
      {isBusy && <p class="quiet">{isOnline ? w.searching : w.offline}</p>}
      {results?.isComplete === false && <p class="quiet">{w.incomplete}</p>}
      {results?.messages.length === 0 && <p class="quiet">{w.nothing}</p>}
      <ul class="results">
        {results?.messages.map((message) => (
          <Result key={message.seq} message={message} />
        ))}
      </ul>
      {results?.next !== undefined && (
        <button class="plain" onClick={() => void look(results.words, results)}>
          {w.more}
        </button>
      )}
    </Dialog>
  );
}

function Result({ message }: { readonly message: Found }): JSX.Element {
  const chat = useChat();
  const { seq, from, body, at } = message;
  const place = placeOf({ ...message, isOwn: nameKey(from) === nameKey(chat.me.value) });
  const show = (): void => {
    closePanel();
    void chat.timelines.jumpTo(nameKey(place), place, seq).catch(() => {});
    chat.go(place);
  };
  return (
    <li>
      <button class="result" onClick={show}>
        <span class="head">
          <span class="from" dir="auto">
            {from}
          </span>
          <span class="quiet" dir="auto">
            {place}
          </span>
          <time class="quiet">{formatWhen(at)}</time>
        </span>
        <span class="body" dir="auto">
          {body}
        </span>
      </button>
    </li>
  );
}

/** @param before the results that these go on with */
async function search(chat: Chat, text: string, before?: Results): Promise<Results> {
  const below = before?.next;
  const { messages, next, complete } = await chat.line.ask.search(text, {
    ...(below !== undefined && { below }),
  });
  const newest = Math.max(
    0,
    ...[...chat.conversations.peek().values()].map(({ last }) => last?.seq ?? 0),
  );
  return {
    words: text,
    messages: [...(before?.messages ?? []), ...messages],
    next,
    isComplete: complete >= newest,
  };
}
