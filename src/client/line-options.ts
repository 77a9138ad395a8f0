// What a line is told at its beginning and with its questions, and what it tells by itself.

import type { Notices } from "../protocol/json/server-frames.ts";
import type { LineState } from "./connection.ts";
import type { Delivery } from "./inbox.ts";
import type { Settled } from "./outbox.ts";
import type { Store } from "./store.ts";

/** Who connects, and where it keeps what must outlive it. */
export interface LineOptions {
  /** Who one is: a name, as docs/protocol.md has it. */
  readonly name: string;
  /** Of an account. It is not needed again once the store has a session. */
  readonly password?: string;
  /** Of an account: what `makeToken` gave, in place of a password. */
  readonly token?: string;
  /** Makes an account of that password, if the name was never used and the operator allows it. */
  readonly register?: boolean;
  /** With which it may be made, where one is needed. */
  readonly invite?: string;
  /** By default memory: then what is not sent when the program ends is lost. */
  readonly store?: Store;
  /** Keeps what the server refuses in the store, until `dismiss`: for those who show it. */
  readonly keepRefused?: boolean;
  /** Closes the line. */
  readonly signal?: AbortSignal;
}

/** What a line tells, besides deliveries. */
export interface LineEvents {
  /** Its connection came, went, or is being tried. */
  readonly state: LineState;
  /** The outbox has changed; with what was decided, if something was. */
  readonly outbox: Settled | undefined;
  /** Seqs that will not be delivered, told once: see `lost` in docs/protocol.md. */
  readonly lost: { readonly from: number; readonly to: number };
  /** Another device of this name has read a conversation up to a seq. */
  readonly read: Notices["read"];
  /** Somebody came or went, after `watchPresence`. */
  readonly presence: Notices["presence"];
  /** Somebody is writing, to this name or in a room. */
  readonly typing: Notices["typing"];
  /** This name may join a room, and who lets it in. */
  readonly invited: Notices["invited"];
}

/** Which part of a conversation: the newest, the newest below a seq, or the oldest above one. */
export interface HistoryPart {
  /** The newest below this seq. */
  readonly before?: number;
  /** The oldest above this seq. */
  readonly after?: number;
  /** Messages and events together, at most 1000; 50 by default. */
  readonly limit?: number;
}

/** A part of a conversation, in rising seqs. */
export interface HistoryPage {
  /** Messages and, of a room, its events. */
  readonly deliveries: readonly Delivery[];
  /** Whether the conversation goes on in the direction that was asked for. */
  readonly more: boolean;
}

/** What is looked for besides the words. */
export interface SearchOptions {
  /** A name or a room. */
  readonly with?: string;
  /** Who has written it. */
  readonly from?: string;
  /** Not older than this, in milliseconds since 1970. */
  readonly since?: number;
  /** Not newer than this, in milliseconds since 1970. */
  readonly until?: number;
  /** Below this seq: the next page. */
  readonly below?: number;
  /** At most 100; 20 by default. */
  readonly limit?: number;
}
