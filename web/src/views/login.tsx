// Where one says who one is.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { isEntering, logIn, refusal } from "../state/session.ts";
import { enteredName } from "../state/settings.ts";
import { words } from "../words/words.ts";
import { explain } from "./explain.ts";
import { PasswordField } from "./password-field.tsx";

export function LoginView(): JSX.Element {
  const [name, setName] = useState(enteredName.peek());
  const [password, setPassword] = useState("");
  const [invite, setInvite] = useState("");
  const [isNew, setNew] = useState(false);
  const w = words.value.login;
  const { value: trouble } = refusal;

  const enter = (event: Event): void => {
    event.preventDefault();
    logIn(name.trim().normalize("NFC"), {
      ...(password !== "" && { password }),
      ...(isNew && { register: true }),
      ...(isNew && invite !== "" && { invite: invite.trim() }),
    });
  };

  return (
    <main class="center">
      <form class="card login" onSubmit={enter}>
        <img src="./icon.svg" alt="" width="56" height="56" />
        <h1>{w.title}</h1>
        <p class="quiet">{w.claim}</p>
        <label>
          {w.name}
          <input
            name="username"
            value={name}
            onInput={({ currentTarget }) => setName(currentTarget.value)}
            autocomplete="username"
            autocapitalize="none"
            spellcheck={false}
            autofocus
            required
            maxLength={64}
          />
        </label>
        <PasswordField
          label={w.password}
          hint={isNew ? w.newPasswordHint : w.passwordHint}
          value={password}
          onChange={setPassword}
          kind={isNew ? "new-password" : "current-password"}
          required={isNew}
        />
        <label class="choice">
          <input
            type="checkbox"
            checked={isNew}
            onChange={({ currentTarget }) => setNew(currentTarget.checked)}
          />
          {w.register}
        </label>
        {isNew && (
          <label>
            {w.invite}
            <input
              value={invite}
              onInput={({ currentTarget }) => setInvite(currentTarget.value)}
              autocomplete="off"
            />
          </label>
        )}
        {trouble !== undefined && (
          <p class="wrong" role="alert">
            {explain(trouble)}
          </p>
        )}
        <button class="primary" type="submit">
          {isEntering.value ? (trouble === undefined ? w.entering : w.trying) : w.enter}
        </button>
        {!globalThis.isSecureContext && <p class="quiet small">{w.noTls}</p>}
      </form>
    </main>
  );
}
