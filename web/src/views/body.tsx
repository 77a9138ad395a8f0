// A message's body: text, links, mentions and code. Elements are made of tokens, never of HTML.

import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { isOnlyEmoji, parseText, type Token } from "../model/text.ts";

interface Props {
  readonly body: string;
  /** Mentions of this name stand out. */
  readonly me: string;
}

export function Body({ body, me }: Props): JSX.Element {
  const isLarge = useMemo(() => isOnlyEmoji(body), [body]);
  return (
    <div class="body" dir="auto" data-is-large={isLarge}>
      <BodyText body={body} me={me} />
    </div>
  );
}

export function BodyText({ body, me }: Props): JSX.Element {
  const tokens = useMemo(() => parseText(body), [body]);
  return (
    <>
      {tokens.map((token, index) => (
        <TokenView key={index} token={token} me={me} />
      ))}
    </>
  );
}

function TokenView({ token, me }: { token: Token; me: string }): JSX.Element {
  const { kind, text } = token;
  switch (kind) {
    case "code":
      return <code>{text}</code>;
    case "block":
      return (
        <pre tabIndex={0} dir="ltr">
          <code>{text}</code>
        </pre>
      );
    case "link":
      return (
        <a href={token.href} target="_blank" rel="noopener noreferrer nofollow">
          {text}
        </a>
      );
    case "mention": {
      const place = text.replace(/^@/, "");
      const isMe = nameKey(place) === nameKey(me);
      return (
        <a class="mention" data-is-me={isMe} href={`#/${encodeURIComponent(place)}`}>
          {text}
        </a>
      );
    }
    default:
      return <>{text}</>;
  }
}
