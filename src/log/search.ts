// What can be looked for in the log, and what is found.

import type { Run } from "./run.ts";

export interface SearchQuery {
  /** The key of who asks: he finds what is for him. */
  readonly key: string;
  /** All of them must be in a message; the last one may be the beginning of a word. */
  readonly words: string;
  /** The key of another name or of a room: that conversation alone. */
  readonly with?: string;
  /** The key of who wrote it. */
  readonly from?: string;
  /** Milliseconds since 1970, both included. */
  readonly since?: number;
  readonly until?: number;
  /** Below this seq. */
  readonly below: number;
  /** The most messages. */
  readonly count: number;
}

export interface SearchPage {
  /** Messages alone, the newest first. */
  readonly messages: readonly Run[];
  /** Everything up to this seq was searched. */
  readonly complete: number;
  /** To go on with `below`; undefined when there is nothing more. */
  readonly next?: number;
}
