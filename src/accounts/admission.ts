// What decides whether somebody is let in under a name, and how he is.

import type { AccountRecord } from "../log/accounts.ts";

/** Where somebody comes from, as far as it matters here. */
export interface Origin {
  /** What his tries are counted for: an address, or a network that one customer has. */
  readonly address: string;
  readonly isLoopback: boolean;
  /** Whether nobody between could read what he sends. */
  readonly isSecure: boolean;
}

/** What somebody shows to be who he says. */
export interface Proof {
  readonly password?: string;
  readonly token?: string;
  /** An account of that password is to be made, unless there is one. */
  readonly register?: boolean;
  /** With which it may be made, where one is needed. */
  readonly invite?: string;
  /** Whether he can keep a session's token, so that he need not show the password again. */
  readonly keepsSession?: boolean;
}

/** How somebody is let in. */
export interface Admission {
  readonly isShared: boolean;
  /** The account as it was then; undefined for an open name. */
  readonly account: AccountRecord | undefined;
  /** The hash of the token that he has shown or is given. */
  readonly tokenHash?: string;
  /** A session's token, for who came with a password. */
  readonly session?: string;
}
