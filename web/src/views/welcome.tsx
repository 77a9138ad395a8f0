// What somebody sees who has no conversation yet, or looks at none.

import type { JSX } from "preact";
import { panel } from "../state/panels.ts";
import { words } from "../words/words.ts";
import { useChat } from "./context.ts";

export function Welcome(): JSX.Element {
  const chat = useChat();
  const w = words.value.welcome;
  return (
    <>
      <img src="./icon.svg" alt="" width="72" height="72" />
      <h1>{w.title(chat.me.value)}</h1>
      <p>{w.text}</p>
      <button class="primary" onClick={() => (panel.value = "switcher")}>
        {w.begin} <kbd>Ctrl K</kbd>
      </button>
    </>
  );
}
