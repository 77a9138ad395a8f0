// The JSON protocol, from text to what a client asks for.

import { ChatError } from "../errors.ts";
import { quote } from "../name.ts";
import {
  CLIENT_FRAMES,
  type ClientFrame,
  type FrameKind,
  isObject,
  KINDS,
  type SendFrame,
} from "./frames.ts";

/** How a send begins that a client made with `JSON.stringify`, and how many characters end it. */
const SEND = '{"send":';
const BODY_END = '"}'.length;

/** A body up to the end of its frame, in which nothing is escaped and nothing would have to be. */
const PLAIN_BODY = /[ !#-[\]-~\u00a0-\ud7ff\ue000-\uffff]*"\}$/y;

const ZERO = "0".charCodeAt(0);
const NINE = "9".charCodeAt(0);

/** So many digits make a safe number, whatever they are. */
const SAFE_DIGITS = 15;

const FRAME_KINDS = Object.keys(CLIENT_FRAMES) as readonly FrameKind[];

/**
 * Parses one frame. Its size is for the caller to bound; depth is no danger, since nothing here or in
 * `JSON.parse` recurses.
 * @throws ChatError `bad-json`, `unknown-frame`, `bad-frame`; `bad-send-number` when it is a send of
 * which it cannot be known which one: then nothing that comes after it can be understood
 */
export function parseFrame(text: string): ClientFrame {
  const value = parseObject(text);
  const kind = FRAME_KINDS.find((key) => Object.hasOwn(value, key));
  if (kind === undefined) {
    const [first = ""] = Object.keys(value);
    throw new ChatError("unknown-frame", `${quote(first)} is no frame that this server knows`);
  }
  const frame: Record<string, unknown> = { kind };
  for (const [name, field] of Object.entries(CLIENT_FRAMES[kind])) {
    const isOptional = field.endsWith("?");
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if (given === undefined && isOptional) continue;
    const { is, check } = KINDS[field.replace("?", "") as keyof typeof KINDS];
    if (!check(given)) throw new ChatError(codeOf(kind, name), `"${name}" must be ${is}`);
    frame[name] = given;
  }
  return frame as unknown as ClientFrame;
}

/**
 * Parses the frames of one connection. Most of what a client says are sends, and most of them go where
 * the one before went: such a one differs from it in number and body alone, so the rest is compared
 * instead of parsed. What comes out is the same as from `parseFrame`.
 */
export class FrameParser {
  /** What was between number and body in the last send, and whom it named. */
  #middle = "";
  #to: readonly string[] = [];

  /**
   * Sends to the same recipients get the same array.
   * @throws ChatError as `parseFrame` does
   */
  parse(text: string): ClientFrame {
    return this.#parseAlike(text) ?? this.#remember(text, parseFrame(text));
  }

  #parseAlike(text: string): SendFrame | undefined {
    const numberEnd = endOfNumber(text);
    if (numberEnd === 0 || this.#middle === "") return undefined;
    if (!text.startsWith(this.#middle, numberEnd)) return undefined;
    const bodyAt = numberEnd + this.#middle.length;
    PLAIN_BODY.lastIndex = bodyAt;
    if (!PLAIN_BODY.test(text)) return undefined;
    let send = 0;
    for (let at = SEND.length; at < numberEnd; at++) send = send * 10 + text.charCodeAt(at) - ZERO;
    return { kind: "send", send, to: this.#to, body: text.slice(bodyAt, -BODY_END) };
  }

  #remember(text: string, frame: ClientFrame): ClientFrame {
    if (frame.kind !== "send") return frame;
    const { to } = frame;
    const isSame = to.length === this.#to.length && to.every((name, i) => name === this.#to[i]);
    if (isSame) return { ...frame, to: this.#to };
    const middle = `,"to":${JSON.stringify(to)},"body":"`;
    this.#middle = text.startsWith(middle, endOfNumber(text)) ? middle : "";
    this.#to = to;
    return frame;
  }
}

/** Where the number ends that a send of the usual form begins with; 0 for anything else. */
function endOfNumber(text: string): number {
  if (!text.startsWith(SEND)) return 0;
  let at = SEND.length;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at += 1;
  const digits = at - SEND.length;
  const isNumber = digits > 0 && digits <= SAFE_DIGITS && text.charCodeAt(SEND.length) !== ZERO;
  return isNumber ? at : 0;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ChatError("bad-json", "that is not JSON");
  }
  if (!isObject(value)) throw new ChatError("bad-json", "a frame is a JSON object");
  return value;
}

function codeOf(kind: FrameKind, field: string): "bad-send-number" | "bad-frame" {
  return kind === "send" && field === "send" ? "bad-send-number" : "bad-frame";
}
