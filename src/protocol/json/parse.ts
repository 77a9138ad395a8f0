// The JSON protocol, from text to what a client asks for.

import { packBodies } from "../bodies.ts";
import { ChatError } from "../errors.ts";
import { quote } from "../name.ts";
import { CLIENT_FRAMES, type ClientFrame, type FrameKind, isObject, KINDS } from "./frames.ts";

/** How a send begins that a client made with `JSON.stringify`. */
const SEND = '{"send":';

/** A body with the end of its frame and line, in which nothing is escaped and nothing would have to be. */
const PLAIN_BODY = /[ !#-[\]-~\u00a0-\ud7ff\ue000-\uffff]*"\}\n/y;
const PLAIN_END = '"}\n'.length;

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
    const first = Object.keys(value).find((key) => key !== "id") ?? "";
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

type Label = string | number;

/**
 * What a frame that is refused is known by to its client: its `id`, whatever is wrong with the rest. Of one
 * that is not JSON the beginning may still show it.
 * @returns undefined when no label can be read
 */
export function idOf(text: string): Label | undefined {
  const frame = tryParse(text);
  return isObject(frame) ? labelOf(frame["id"]) : beginningOf(text).id;
}

/** A send is known by its number, anything else by its `id`. */
export interface KnownBy {
  readonly send?: number;
  readonly id?: Label;
}

/**
 * What a frame that cannot be read is known by, where it begins with that.
 * @param head its first bytes, as Latin-1
 */
export function knownBy(head: string): KnownBy {
  const bytes = Uint8Array.from(head, (byte) => byte.charCodeAt(0));
  return beginningOf(new TextDecoder().decode(bytes));
}

/** How a frame begins with the number of a send, or with a label. */
const BEGINNING =
  /^\s*\{\s*"(?:send"\s*:\s*([1-9]\d{0,14})|id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*))\s*[,}]/;

function beginningOf(text: string): KnownBy {
  const [, send, label] = BEGINNING.exec(text) ?? [];
  if (send !== undefined) return { send: Number(send) };
  const id = label && labelOf(tryParse(label));
  return id === undefined ? {} : { id };
}

function labelOf(value: unknown): Label | undefined {
  return KINDS.label.check(value) ? (value as Label) : undefined;
}

/** Sends with consecutive numbers to the same recipients. */
export interface SendRun {
  /** Of the first one. */
  readonly number: number;
  readonly count: number;
  readonly to: readonly string[];
  /** Packed. None needs to be checked: see `checkBody`. */
  readonly bodies: string;
  /** Where the text goes on after them. */
  readonly end: number;
}

/**
 * Parses the frames of one connection. Most of what a client says are sends, and most of them go where
 * the one before went: such a one differs from it in number and body alone, so the rest is compared
 * instead of parsed, and as many as follow each other are one run. What comes out is the same as from
 * `parseFrame`.
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
    const frame = parseFrame(text);
    if (frame.kind !== "send") return frame;
    const { to } = frame;
    const isSame = to.length === this.#to.length && to.every((name, i) => name === this.#to[i]);
    if (isSame) return { ...frame, to: this.#to };
    const middle = `,"to":${JSON.stringify(to)},"body":"`;
    this.#middle = text.startsWith(middle, endOfNumber(text, 0)) ? middle : "";
    this.#to = to;
    return frame;
  }

  /**
   * Takes sends that go where the last one went.
   * @param lines frames, each with its "\n"
   * @param at where one begins
   * @param most characters to take together
   * @returns undefined when the frame there is something else, or has to be parsed to know
   */
  parseRun(lines: string, at: number, most: number): SendRun | undefined {
    const middle = this.#middle;
    if (middle === "") return undefined;
    const bodies: string[] = [];
    let number = 0;
    let end = at;
    while (end - at < most) {
      const numberEnd = endOfNumber(lines, end);
      if (numberEnd === end || !lines.startsWith(middle, numberEnd)) break;
      const given = numberAt(lines, end + SEND.length, numberEnd);
      if (bodies.length === 0) number = given;
      else if (given !== number + bodies.length) break;
      const bodyAt = numberEnd + middle.length;
      PLAIN_BODY.lastIndex = bodyAt;
      if (!PLAIN_BODY.test(lines)) break;
      end = PLAIN_BODY.lastIndex;
      bodies.push(lines.slice(bodyAt, end - PLAIN_END));
    }
    if (bodies.length === 0) return undefined;
    return { number, count: bodies.length, to: this.#to, bodies: packBodies(bodies), end };
  }
}

/** Where the number ends that a send of the usual form begins with; `from` for anything else. */
function endOfNumber(text: string, from: number): number {
  if (!text.startsWith(SEND, from)) return from;
  const first = from + SEND.length;
  let at = first;
  while (text.charCodeAt(at) >= ZERO && text.charCodeAt(at) <= NINE) at += 1;
  const isNumber = at > first && at - first <= SAFE_DIGITS && text.charCodeAt(first) !== ZERO;
  return isNumber ? at : from;
}

function numberAt(text: string, from: number, end: number): number {
  let number = 0;
  for (let at = from; at < end; at++) number = number * 10 + text.charCodeAt(at) - ZERO;
  return number;
}

function parseObject(text: string): Record<string, unknown> {
  const value = tryParse(text);
  if (value === undefined) throw new ChatError("bad-json", "that is not JSON");
  if (!isObject(value)) throw new ChatError("bad-json", "a frame is a JSON object");
  return value;
}

/** Undefined, which is no JSON, when it is none. */
function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function codeOf(kind: FrameKind, field: string): "bad-send-number" | "bad-frame" {
  return kind === "send" && field === "send" ? "bad-send-number" : "bad-frame";
}
