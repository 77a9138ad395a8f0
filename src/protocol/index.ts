// `partyline/protocol`: what the server and every client agree on, for those who write another client.

export { checkBody } from "./bodies.ts";
export { ChatError, ERROR_CODES, type ErrorCode } from "./errors.ts";
export { CLIENT_FRAMES, type ClientFrame } from "./json/frames.ts";
export { parseFrame } from "./json/parse.ts";
export type { Answers, MessageFrame, Notices, ServerFrame } from "./json/server-frames.ts";
export { type Name, parseName } from "./name.ts";
export { isRoom, parseRecipient, parseRoom, type Standing } from "./room.ts";
