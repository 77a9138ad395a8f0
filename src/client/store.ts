// Where a client keeps what must outlive it: what it has not sent yet, and what it has received.

import type { ErrorCode } from "../protocol/errors.ts";
import type { ClientCode } from "./errors.ts";

/** A message in the outbox. Its number follows from its place: they have no gaps. */
export interface StoredSend {
  /** Unique in this outbox for ever; rises. */
  readonly id: number;
  /** Names and rooms. */
  readonly to: readonly string[];
  /** What is said. */
  readonly body: string;
  /** When it was written, in ms since 1970. */
  readonly at: number;
}

/** One that the server refused, until it is dismissed. */
export interface RefusedSend extends StoredSend {
  /** See the table of codes in docs/protocol.md, and `ClientCode`. */
  readonly code: ErrorCode | ClientCode;
  /** Why, for people. */
  readonly text: string;
}

/** What is kept of an outbox. Objects of this kind never change: a new one replaces the former. */
export interface StoredOutbox {
  /** The outbox's id. */
  readonly outbox: string;
  /** The number of the first of `sends`. */
  readonly base: number;
  /** The id that the next send gets. */
  readonly nextId: number;
  readonly sends: readonly StoredSend[];
  /** The id of the last send that may be on the server; without it each may be. */
  readonly transmitted?: number;
  /** Where `keepRefused` was asked for. */
  readonly refused?: readonly RefusedSend[];
}

/** What is kept for the next login. */
export interface StoredLogin {
  /**
   * What was received and confirmed, and the id of the log that it is of. `lost`: up to where the server has
   * told what it will not deliver.
   */
  readonly received?:
    | { readonly log: string; readonly seq: number; readonly lost?: number }
    | undefined;
  /** What a connection is replaced with: see `login` in docs/protocol.md. */
  readonly resume?: string | undefined;
  /** A session's token, for an account. */
  readonly token?: string | undefined;
}

/** Everything that is kept. */
export interface Stored extends StoredOutbox, StoredLogin {}

/** What is kept of one name at one server, owned by one client at a time. */
export interface Store {
  /**
   * Takes the store for this client: from here on nobody else changes it, until it is closed or its
   * owner dies, after which the next one goes on with all that was kept.
   * @returns undefined when nothing was kept yet
   * @throws LineError `store-in-use` when another client that is alive has it, `store` when it cannot be read
   */
  open(): Promise<Stored | undefined>;
  /**
   * Keeps this in place of what was kept, all of it or nothing, whenever it is interrupted. Resolves
   * when it would outlive a crash. Called again only after it has resolved.
   */
  write(stored: Stored): Promise<void>;
  /** Gives it back: another client may have it. */
  close(): Promise<void>;
}

/** Whether something that was read has the form of what is kept. */
export function isStored(value: unknown): value is Stored {
  if (typeof value !== "object" || value === null) return false;
  const { outbox, base, nextId, sends, refused = [] } = value as Partial<Stored>;
  return (
    typeof outbox === "string" &&
    Number.isSafeInteger(base) &&
    Number.isSafeInteger(nextId) &&
    areSends(sends) &&
    areSends(refused)
  );
}

function areSends(value: unknown): boolean {
  return Array.isArray(value) && value.every(isSend);
}

function isSend(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { id, to, body } = value as Partial<StoredSend>;
  return Number.isSafeInteger(id) && Array.isArray(to) && typeof body === "string";
}

/** For a start with nothing. */
export function newStored(): StoredOutbox {
  return { outbox: randomId(), base: 1, nextId: 1, sends: [], transmitted: 0 };
}

/** 128 random bits. A page without TLS has no `randomUUID`. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Keeps everything in memory: what is not sent when the program ends is lost.
 * @example
 * ```ts
 * const line = connect(url, { name: "bot", store: memoryStore() });
 * ```
 */
export function memoryStore(): Store {
  let kept: Stored | undefined;
  return {
    open: () => Promise.resolve(kept),
    write(stored) {
      kept = stored;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
