// The JSON protocol, from text to what a client asks for.

import { ChatError } from "../errors.ts";
import { quote } from "../name.ts";
import { CLIENT_FRAMES, type ClientFrame, type FrameKind, isObject, KINDS } from "./frames.ts";

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
