// What a person may choose on this device.

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { askForNotifications, notificationPermission } from "../state/notifier.ts";
import { drafts } from "../state/own.ts";
import { chosenLanguage, wantsNotifications } from "../state/settings.ts";
import { isolate, LANGUAGES, words } from "../words/words.ts";
import { useChat } from "./context.ts";
import { closePanel, Dialog } from "./dialog.tsx";
import { PasswordForm } from "./password-form.tsx";

export function SettingsPanel(): JSX.Element {
  const chat = useChat();
  const w = words.value.settings;
  const logOut = (): void => {
    const unsent = chat.unsent.value.length + chat.refused.value.length;
    const begun = drafts.value.size;
    // eslint-disable-next-line no-alert
    if (unsent + begun > 0 && !confirm(w.logOutLost(unsent, begun))) return;
    closePanel();
    chat.logOut();
  };
  return (
    <Dialog label={w.title} title={w.title}>
      <p>{w.name(isolate(chat.me.value))}</p>
      <label>
        {w.language}
        <select
          value={chosenLanguage.value}
          onChange={({ currentTarget }) => (chosenLanguage.value = currentTarget.value)}
        >
          <option value="auto">{w.automatic}</option>
          {Object.entries(LANGUAGES).map(([tag, { language }]) => (
            <option key={tag} value={tag} lang={tag}>
              {language}
            </option>
          ))}
        </select>
      </label>
      <Notifications />
      <PasswordForm />
      <button class="plain danger" onClick={logOut}>
        {w.logOut}
      </button>
    </Dialog>
  );
}

function Notifications(): JSX.Element {
  const w = words.value.settings;
  const [permission, setPermission] = useState(notificationPermission);
  const choose = async (on: boolean): Promise<void> => {
    const found = on ? await askForNotifications() : permission;
    setPermission(found);
    wantsNotifications.value = on && found === "granted";
  };
  return (
    <div>
      <label class="choice">
        <input
          type="checkbox"
          checked={wantsNotifications.value && permission === "granted"}
          disabled={permission === "unavailable" || permission === "denied"}
          onChange={({ currentTarget }) => void choose(currentTarget.checked)}
        />
        {w.notifications}
      </label>
      {permission === "denied" && <p class="quiet small">{w.denied}</p>}
      {permission === "unavailable" && <p class="quiet small">{w.unavailable}</p>}
    </div>
  );
}
