// The one error that a person or a program can cause: a stable code and a sentence for people.
// Each protocol maps the codes to its own form; the line protocol writes `! CODE TEXT`.

const CODES = {
  "bad-name": "a name is not a name",
  "bad-body": "a message, or what is said of a room, contains a control character",
  "bad-text": "a line is not UTF-8",
  "bad-number": "an argument is not a number in its range",
  "line-too-long": "a line is over the limit",
  "no-recipient": "a message names nobody",
  "too-many-recipients": "a message names more people than the limit",
  "name-taken": "somebody is connected under that name",
  "wrong-password": "a password or a token is not right for the name, or the name is not known",
  "account-required": "this server lets in accounts alone",
  "name-retired": "the name was an account that the operator has removed",
  "name-used":
    "the name was used before, and becomes an account from its own connection or by the operator alone",
  "already-registered": "the name is an account already",
  "registration-closed": "the operator alone makes accounts here",
  "bad-invite": "an invitation is not known, or was used",
  "bad-password": "a new password is too short or too long, or has spaces in the line protocol",
  "bad-label": "a token's label is empty or too long, or no plain text",
  "no-such-account": "there is no such account",
  "no-such-name": "a recipient does not exist",
  "no-such-token": "there is no token of that label",
  "too-many-tokens": "an account has as many tokens as it may have",
  "too-many-attempts": "too many wrong passwords came from an address",
  "account-removed": "the account was removed by the operator",
  "token-revoked":
    "the token that a connection logged in with was revoked, or the password was changed",
  busy: "the server checks as many passwords as it can",
  "inbox-full": "too much is waiting for a recipient",
  "too-many-names": "messages wait for too many names that were never seen",
  "out-of-order": "a numbered send is not the next one of its outbox, and is ignored",
  "too-many-refusals": "an outbox has more refused sends than its client may leave unanswered",
  "no-outbox": "a client numbers what it sends, and has named no outbox at its login",
  "bad-ack": "a client acknowledges what it was not given yet",
  "login-first": "a client asks for something before its login",
  "bad-json": "a frame is not a JSON object",
  "unknown-frame": "a frame is of no kind that this server knows",
  "bad-frame": "a field of a frame is missing, or not what it must be",
  "bad-send-number":
    "a send has no readable number, so that what comes after it cannot be understood",
  "unknown-command": "a line begins with / and is no command",
  "bad-room": "a room is not # and a name",
  "no-such-room": "there is no such room, or it is private",
  "not-a-member": "somebody is not in a room",
  "not-invited": "a private room is for those who were invited",
  "not-allowed": "only the owner or a moderator of a room may do that, or nobody may",
  banned: "somebody is banned from a room",
  blocked: "a recipient takes no messages from that name",
  "too-many-blocked": "a name blocks as many names as it may",
  "bad-query": "there is no word in what is looked for",
  "no-search": "this server has no search index",
  "too-many-rooms":
    "the server has as many rooms as it may have, or a name is in, or owns, as many as it may",
  "room-full": "a room has as many members as it may have",
  "text-too-long": "a topic, why somebody is kicked, or what is looked for is too long",
  "log-unavailable": "the log cannot be written at the moment; nothing is lost, sending pauses",
  "login-timeout": "no name came within the login time",
  "idle-timeout": "nothing came within the idle time",
  "tls-required": "this server takes plain text from its own machine only",
  "no-tls": "a client began TLS, which this server has not been given a certificate for",
  "bad-origin": "a page of another site opened a WebSocket",
  "too-many-connections": "the server, or the address, has as many connections as it may have",
  "shutting-down": "the server is stopping",
  internal: "the server made a mistake, which it has logged",
} as const;

/** Why something is refused: one of `ERROR_CODES`. */
export type ErrorCode = keyof typeof CODES;

/** Every code that a client can be told, with what it means. `docs/protocol.md` lists the same. */
export const ERROR_CODES: Readonly<Record<ErrorCode, string>> = CODES;

/** An expected error: it becomes a reply to whoever caused it, never a crash and never a log entry. */
export class ChatError extends Error {
  /** Stable; the text may change. */
  readonly code: ErrorCode;

  constructor(code: ErrorCode, text: string) {
    super(text);
    this.name = "ChatError";
    this.code = code;
  }
}
