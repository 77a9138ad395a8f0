// A field for a password, with what there is to say about it.

import type { JSX } from "preact";
import { useId } from "preact/hooks";

interface Props {
  readonly label: string;
  readonly hint?: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** What whoever keeps passwords makes of it. */
  readonly kind: "current-password" | "new-password";
  readonly required?: boolean;
}

export function PasswordField(props: Props): JSX.Element {
  const { label, hint, value, onChange, kind, required = false } = props;
  const id = useId();
  return (
    <>
      <label>
        {label}
        <input
          name="password"
          type="password"
          value={value}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
          autocomplete={kind}
          aria-describedby={hint === undefined ? undefined : id}
          required={required}
        />
      </label>
      {hint !== undefined && (
        <small id={id} class="quiet">
          {hint}
        </small>
      )}
    </>
  );
}
