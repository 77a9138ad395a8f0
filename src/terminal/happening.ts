// What happens to the terminal client, and what it does about it: the two sides of its model.

import type { Entry, Line } from "./lines.ts";

/** How the connection stands. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "online" }
  /** `until`: when it is tried again, in ms since 1970. */
  | { readonly state: "reconnecting"; readonly until: number; readonly why?: string }
  | { readonly state: "offline"; readonly why: string };

/** Something of one's own that the server has not confirmed, or has refused. */
export interface Pending {
  /** This client's own, to tell them apart. */
  readonly id: number;
  /** Of a conversation. */
  readonly to: string;
  readonly toShown: string;
  readonly body: string;
  readonly mark: "waiting" | "refused";
  /** Why it was refused. */
  readonly why?: string;
}

/** A conversation as the server tells of it. */
export interface Known {
  readonly with: string;
  readonly topic?: string;
  readonly newest: number;
  readonly read: number;
  readonly unread: number;
}

export type Happening =
  | { readonly kind: "connection"; readonly connection: Connection }
  | { readonly kind: "welcomed"; readonly name: string }
  | {
      readonly kind: "conversations";
      readonly known: readonly Known[];
      readonly rooms: readonly string[];
    }
  | { readonly kind: "members"; readonly with: string; readonly names: readonly string[] }
  /** `topic`: of the room from here on, when that is what the entry tells. */
  | {
      readonly kind: "entry";
      readonly with: string;
      readonly entry: Entry;
      readonly isReplayed: boolean;
      readonly topic?: string;
    }
  /** Not complete when nothing could be asked: it is asked again when one goes there again. */
  | {
      readonly kind: "history";
      readonly with: string;
      readonly entries: readonly Entry[];
      readonly isComplete: boolean;
    }
  | { readonly kind: "topic"; readonly with: string; readonly topic: string }
  | { readonly kind: "left"; readonly with: string }
  | { readonly kind: "sending"; readonly id: number; readonly to: string; readonly body: string }
  /** Without a seq the answer was lost with a connection, and the message itself comes with the next. */
  | { readonly kind: "sent"; readonly id: number; readonly seq?: number; readonly at: number }
  | { readonly kind: "refused"; readonly id: number; readonly why: string }
  | { readonly kind: "discard"; readonly ids: readonly number[] }
  | { readonly kind: "read"; readonly with: string; readonly seq: number }
  | { readonly kind: "typing"; readonly with: string; readonly who: string; readonly at: number }
  | { readonly kind: "tick"; readonly now: number }
  /** While a room is being joined nothing can be asked of it: when it is joined its topic is told. */
  | {
      readonly kind: "go";
      readonly to: string;
      readonly draft: string;
      readonly isJoining?: boolean;
    }
  | { readonly kind: "focus"; readonly hasFocus: boolean }
  | { readonly kind: "mute" }
  | { readonly kind: "away"; readonly text: string }
  | { readonly kind: "say"; readonly lines: readonly Line[] };

/** What is to be done outside. */
export type Effect =
  /** Ask for the newest messages of a conversation, and say `history` whatever comes of it. */
  | { readonly kind: "fetch"; readonly with: string; readonly count: number }
  | { readonly kind: "read"; readonly with: string; readonly seq: number }
  | { readonly kind: "ring"; readonly text: string }
  | { readonly kind: "answer"; readonly to: string; readonly body: string };
