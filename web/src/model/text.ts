// What a body is shown as: text, links, `code` and code blocks, and nothing else. Pure: tokens out,
// which the view turns into elements, so that no HTML is ever made of a message.

import { trimEnd } from "../../../src/protocol/trim-end.ts";

export type Token =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "block"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  /** A name or a room, as it was written with its `@` or `#`. */
  | { readonly kind: "mention"; readonly text: string };

const FENCE = "```";
/** What follows an opening fence: the block's language. */
const LANGUAGE = /^[^\S\n]*[\w-]*\n/;
const INLINE =
  /`([^`\n]+)`|(https?:\/\/[^\s<>"'`]+)|([@#][\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]{0,31})/gu;

/** What follows a link more often than it belongs to it. */
const AFTER_LINK = ".,;:!?…。，；：！？)]}";
/** The same of a name or a room. */
const AFTER_NAME = ".-";

export function parseText(body: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let open = body.indexOf(FENCE);
  while (open !== -1) {
    const close = body.indexOf(FENCE, open + FENCE.length);
    if (close === -1) break;
    const end = close + FENCE.length;
    const block = body.slice(open + FENCE.length, close);
    if (block.trim() !== "") {
      parseInline(body.slice(at, open), tokens);
      const text = block.replace(LANGUAGE, "");
      tokens.push({ kind: "block", text: text.endsWith("\n") ? text.slice(0, -1) : text });
      at = end;
    }
    open = body.indexOf(FENCE, end);
  }
  parseInline(body.slice(at), tokens);
  return tokens;
}

function parseInline(text: string, tokens: Token[]): void {
  let at = 0;
  const add = (token: Token, from: number, length: number): void => {
    if (from > at) tokens.push({ kind: "text", text: text.slice(at, from) });
    tokens.push(token);
    at = from + length;
  };
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, link, mention] = match;
    if (match.index < at) continue;
    if (code !== undefined) add({ kind: "code", text: code }, match.index, whole.length);
    else if (link !== undefined) {
      const clean = trimLink(link);
      const url = URL.parse(clean);
      if (url !== null)
        add({ kind: "link", text: clean, href: url.href }, match.index, clean.length);
    } else if (mention !== undefined && !isInsideWord(text, match.index)) {
      const clean = trimEnd(mention, AFTER_NAME);
      add({ kind: "mention", text: clean }, match.index, clean.length);
    }
  }
  if (at < text.length) tokens.push({ kind: "text", text: text.slice(at) });
}

/** A closing bracket belongs to a link that has an opening one. */
function trimLink(link: string): string {
  const trimmed = trimEnd(link, AFTER_LINK);
  const rest = link.slice(trimmed.length);
  if (rest.startsWith(")") && trimmed.includes("(")) return `${trimmed})`;
  return trimmed;
}

function isInsideWord(text: string, at: number): boolean {
  return at > 0 && /[\p{L}\p{N}_/]/u.test(text[at - 1] ?? "");
}

/** Whether a body is nothing but a few emoji, which are shown large. */
export function isOnlyEmoji(body: string): boolean {
  return /^(?:\p{RGI_Emoji}\s*){1,3}$/v.test(body.trim());
}
