// A panel over the page. The browser keeps the focus in it, and gives it back.

import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { panel } from "../state/panels.ts";
import { words } from "../words/words.ts";
import { Icon } from "./icons.tsx";

interface Props {
  readonly label: string;
  /** Without one the label is for screen readers alone. */
  readonly title?: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function closePanel(): void {
  panel.value = undefined;
}

export function Dialog({ label, title, class: name = "", children }: Props): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  // At once: what is typed next is for it.
  useLayoutEffect(() => {
    const { current: element } = dialog;
    element?.showModal();
    return () => element?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={name}
      aria-label={label}
      onCancel={closePanel}
      onClose={() => {
        // It may come when another panel is open already.
        if (dialog.current !== null) closePanel();
      }}
      onClick={({ target, currentTarget }) => {
        // What lies beside it belongs to the dialog, too.
        if (target === currentTarget) closePanel();
      }}
    >
      <div class="dialog-inside">
        {title !== undefined && (
          <div class="dialog-head">
            <h1>{title}</h1>
            <button class="round" aria-label={words.value.close} onClick={closePanel}>
              <Icon name="close" />
            </button>
          </div>
        )}
        {children}
      </div>
    </dialog>
  );
}
