// The commands and the keys.

import type { JSX } from "preact";
import { COMMANDS } from "../model/commands.ts";
import { words } from "../words/words.ts";
import { Dialog } from "./dialog.tsx";

export function HelpPanel(): JSX.Element {
  const { title, keysTitle, commands, keys } = words.value.help;
  return (
    <Dialog label={title} title={title} class="help">
      <dl>
        {Object.entries(COMMANDS).map(([name, { usage }]) => (
          <div key={name}>
            <dt>
              <code>
                /{name} {usage}
              </code>
            </dt>
            <dd>{commands[name]}</dd>
          </div>
        ))}
      </dl>
      <h2>{keysTitle}</h2>
      <dl>
        {Object.entries(keys).map(([pressed, what]) => (
          <div key={pressed}>
            <dt>
              <kbd>{pressed}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
