// The frames of the JSON protocol: one table that both the types and the checks come from. Each frame
// is an object with one field that says what it is; fields that are not known are ignored, so that
// old and new clients and servers meet.

/** What a field may hold, as a type here, as a check in `KINDS`. */
interface Values {
  text: string;
  /** A place in an outbox: 1, 2, 3 … */
  number: number;
  seq: number;
  /** How many of something, at most 1000. */
  count: number;
  texts: readonly string[];
  /**
   * What a client has everything up to, and the id of the log that it is of.
   * `lost`: up to where it was told what it will not get.
   */
  position: { readonly log: string; readonly seq: number; readonly lost?: number };
  /** What a request is known by to its client; it comes back with the answer. */
  label: string | number;
  yes: true;
  flag: boolean;
  /** Everybody, or who is in a room. */
  whom: true | string;
}

type Kind = keyof Values;

/** The longest label, and the longest id of an outbox, in characters. */
const LONGEST_LABEL = 64;

const MOST = 1000;

/** What each kind of field must be, in words and as a check. */
export const KINDS: {
  readonly [K in Kind]: { readonly is: string; readonly check: (value: unknown) => boolean };
} = {
  text: { is: "a string", check: (value) => typeof value === "string" },
  number: { is: "a whole number from 1 on", check: (value) => isWhole(value) && value > 0 },
  seq: { is: "a whole number", check: isWhole },
  count: {
    is: `a whole number from 1 to ${MOST}`,
    check: (value) => isWhole(value) && value > 0 && value <= MOST,
  },
  texts: {
    is: "an array of strings",
    check: (value) => Array.isArray(value) && value.every((item) => typeof item === "string"),
  },
  position: {
    is: '{"log":"…","seq":0}',
    check: (value) =>
      isObject(value) &&
      typeof value["log"] === "string" &&
      isWhole(value["seq"]) &&
      (value["lost"] === undefined || isWhole(value["lost"])),
  },
  label: {
    is: `a finite number, or a well-formed string of at most ${LONGEST_LABEL} characters`,
    // It comes back as it was: JSON has no number beyond all others, and UTF-8 no lone surrogate.
    check: (value) =>
      Number.isFinite(value) ||
      (typeof value === "string" && value.length <= LONGEST_LABEL && value.isWellFormed()),
  },
  yes: { is: "true", check: (value) => value === true },
  flag: { is: "true or false", check: (value) => typeof value === "boolean" },
  whom: {
    is: "true, or a room",
    check: (value) => value === true || typeof value === "string",
  },
};

/**
 * What clients may say: the fields of each frame, the first of which says what it is. A frame that
 * has several such fields is the first of them here.
 */
const CLIENT = {
  login: {
    login: "text",
    password: "text?",
    token: "text?",
    register: "yes?",
    invite: "text?",
    outbox: "label?",
    received: "position?",
    resume: "text?",
    version: "count?",
  },
  send: { send: "number", to: "texts", body: "text" },
  ack: { ack: "seq" },
  done: { done: "number" },
  history: { history: "text", before: "seq?", after: "seq?", limit: "count?", id: "label?" },
  who: { who: "whom", id: "label?" },
  register: { register: "text", invite: "text?", id: "label?" },
  search: {
    search: "text",
    with: "text?",
    from: "text?",
    since: "seq?",
    until: "seq?",
    below: "seq?",
    limit: "count?",
    id: "label?",
  },
  join: { join: "text", id: "label?" },
  leave: { leave: "text", id: "label?" },
  rooms: { rooms: "yes", id: "label?" },
  topic: { topic: "text", text: "text", id: "label?" },
  invite: { invite: "text", room: "text", id: "label?" },
  kick: { kick: "text", room: "text", text: "text?", id: "label?" },
  ban: { ban: "text", room: "text", on: "flag", id: "label?" },
  private: { private: "text", on: "flag", id: "label?" },
  moderator: { moderator: "text", room: "text", on: "flag", id: "label?" },
  read: { read: "text", seq: "seq" },
  conversations: { conversations: "yes", limit: "count?", id: "label?" },
  presence: { presence: "yes", id: "label?" },
  typing: { typing: "text" },
  block: { block: "text", on: "flag", id: "label?" },
  blocked: { blocked: "yes", id: "label?" },
  password: { password: "text", old: "text", id: "label?" },
  token: { token: "text", id: "label?" },
  tokens: { tokens: "yes", id: "label?" },
  revoke: { revoke: "text", id: "label?" },
  logout: { logout: "yes", id: "label?" },
  ping: { ping: "label" },
  pong: { pong: "label" },
  bye: { bye: "yes" },
} as const;

type Table = typeof CLIENT;

type Frame<F> = {
  readonly [N in keyof F as F[N] extends Kind ? N : never]: F[N] extends Kind
    ? Values[F[N]]
    : never;
} & {
  readonly [N in keyof F as F[N] extends Kind ? never : N]?: F[N] extends `${infer K extends Kind}?`
    ? Values[K]
    : never;
};

export type FrameKind = keyof Table;

/** What a client said. */
export type ClientFrame = { [K in FrameKind]: { readonly kind: K } & Frame<Table[K]> }[FrameKind];

/** The fields of each frame; an optional one ends with "?". */
export const CLIENT_FRAMES: Readonly<
  Record<FrameKind, Readonly<Record<string, `${Kind}${"" | "?"}`>>>
> = CLIENT;

export type SendFrame = Extract<ClientFrame, { kind: "send" }>;
export type LoginFrame = Extract<ClientFrame, { kind: "login" }>;

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
