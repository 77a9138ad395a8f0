// The commands and the keys.

import type { JSX } from "preact";
import { words } from "../words/words.ts";
import { Dialog } from "./dialog.tsx";

export function HelpPanel(): JSX.Element {
  const { title, keysTitle, commands, usages, keys } = words.value.help;
  return (
    <Dialog label={title} title={title} class="help">
      <dl>
        {Object.entries(commands).map(([name, what]) => (
          <div key={name}>
            <dt>
              <code>
                /{name} {usages[name]}
              </code>
            </dt>
            <dd>{what}</dd>
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
