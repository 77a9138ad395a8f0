// Accounts and tokens as they are told to those whose they are.

/** A token as its owner and the operator see it. Times are in ms since 1970. */
export interface ToldToken {
  readonly label: string;
  readonly made: number;
  readonly used: number;
}

/** An account as the operator sees it. */
export interface ToldAccount {
  readonly name: string;
  readonly made: number;
  readonly removed?: number;
  readonly tokens: readonly ToldToken[];
  readonly sessions: number;
}
