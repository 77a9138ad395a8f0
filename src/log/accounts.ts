// What the log keeps of accounts: names with a password, and the tokens that stand for one.

import type { ErrorCode } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";

/** Sessions that one name has: the one that is unused the longest gives way. */
export const MOST_SESSIONS = 100;

/** A change of an account. It rides along in a batch, and takes no seq. Times are in ms since 1970. */
export type AccountChange =
  /** Makes an account. `mayTakeOver`: also when the name was used before; what is stored under it is then its own. */
  | {
      readonly kind: "make";
      readonly name: Name;
      /** As it is stored: a PHC string. */
      readonly password: string;
      readonly mayTakeOver: boolean;
      /** An invitation that is used up with it, as it is stored. */
      readonly invite?: string;
      readonly at: number;
    }
  /** Gives an account another password, in place of `old` alone when that is given; its tokens are forgotten. */
  | {
      readonly kind: "password";
      readonly name: Name;
      readonly password: string;
      readonly old?: string | undefined;
    }
  /** The name stays retired until it is released. */
  | { readonly kind: "remove"; readonly name: Name; readonly at: number }
  | { readonly kind: "release"; readonly name: Name }
  /** `hash`: as it is stored. Of a label there is one, and of sessions as many as there are devices. */
  | {
      readonly kind: "token";
      readonly name: Name;
      readonly label: string;
      readonly hash: string;
      readonly isSession: boolean;
      readonly at: number;
    }
  | { readonly kind: "revoke"; readonly name: Name; readonly label: string }
  /** A session ends; one that is not known has ended. */
  | { readonly kind: "end"; readonly hash: string }
  | { readonly kind: "used"; readonly hash: string; readonly at: number }
  | { readonly kind: "invite"; readonly hash: string; readonly at: number }
  /** Sessions that were not used since then are forgotten. */
  | { readonly kind: "expire"; readonly before: number };

/** Undefined when it was done. */
export type AccountRefusal = { readonly code: ErrorCode; readonly text: string } | undefined;

export interface AccountRecord {
  readonly key: string;
  readonly shown: string;
  readonly password: string;
  readonly made: number;
  /** When it was removed; undefined for one that can be used. */
  readonly removed?: number;
}

export interface TokenRecord {
  /** Whose it is: a key. */
  readonly key: string;
  readonly label: string;
  readonly hash: string;
  readonly isSession: boolean;
  readonly made: number;
  readonly used: number;
}

/** Everything that is kept of accounts. */
export interface AllAccounts {
  readonly accounts: readonly AccountRecord[];
  readonly tokens: readonly TokenRecord[];
  readonly invites: readonly string[];
}
