// Search: words, and what was found, each with a way to its place.

import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SearchFrame } from "../../../src/client/index.ts";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { placeOf } from "../model/conversations.ts";
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
  const [typed, setTyped] = useState(sought.value);
  const [results, setResults] = useState<Results>();
  const [problem, setProblem] = useState("");

  const look = (text: string, before?: Results): void => {
    setProblem("");
    search(chat, text, before).then(setResults, (trouble) => setProblem(explain(trouble)));
  };
  useEffect(() => {
    if (sought.value !== "") look(sought.value);
    sought.value = "";
  }, []);

  return (
    <Dialog label={w.label} title={w.label} class="search">
      <form
        class="search-form"
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          look(typed);
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
      {results?.isComplete === false && <p class="quiet">{w.incomplete}</p>}
      {results?.messages.length === 0 && <p class="quiet">{w.nothing}</p>}
      <ul class="results">
        {results?.messages.map((message) => (
          <Result key={message.seq} message={message} />
        ))}
      </ul>
      {results?.next !== undefined && (
        <button class="plain" onClick={() => look(results.words, results)}>
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
    chat.go(place);
    void chat.timelines.jumpTo(nameKey(place), place, seq).catch(() => {});
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
