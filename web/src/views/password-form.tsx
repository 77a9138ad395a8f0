// A password for one's name: the first one makes it an account.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Refusal } from "../line/shared-line.ts";
import { words } from "../words/words.ts";
import { useChat } from "./context.ts";
import { explain } from "./explain.ts";
import { PasswordField } from "./password-field.tsx";

type Outcome = { readonly isDone: boolean; readonly text: string };

export function PasswordForm(): JSX.Element {
  const { line, me } = useChat();
  const { ask } = line;
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome>();
  const w = words.value.password;

  const change = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setOutcome(undefined);
    try {
      await (current === "" ? ask.register(next) : ask.setPassword(next, current));
      setCurrent("");
      setNext("");
      setOutcome({ isDone: true, text: w.done });
    } catch (error) {
      const { code, message: text } = error as Refusal;
      setOutcome({ isDone: false, text: explain({ code, text }) });
    } finally {
      setBusy(false);
    }
  };

  return (
    <details>
      <summary>{w.title}</summary>
      <form class="fields" onSubmit={(event) => void change(event)}>
        {/* For whatever keeps passwords. */}
        <input type="text" value={me.value} autocomplete="username" readOnly hidden />
        <PasswordField
          label={w.current}
          hint={w.currentHint}
          value={current}
          onChange={setCurrent}
          kind="current-password"
        />
        <PasswordField
          label={w.next}
          value={next}
          onChange={setNext}
          kind="new-password"
          required
        />
        {outcome !== undefined && (
          <p class={outcome.isDone ? "quiet" : "wrong"} role="alert">
            {outcome.text}
          </p>
        )}
        <button class="primary" type="submit">
          {w.change}
        </button>
      </form>
    </details>
  );
}
