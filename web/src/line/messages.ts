// What a tab and the host of its line say to each other. Everything here can be cloned.

import type {
  ClientCode,
  Delivery,
  Line,
  LineEvents,
  PresentName,
  RefusedSend,
  Settled,
  Unsent,
} from "../../../src/client/index.ts";
import type { ErrorCode } from "../../../src/protocol/errors.ts";

/** What of a line a tab may ask for. */
export const METHODS = [
  "history",
  "search",
  "conversations",
  "join",
  "leave",
  "rooms",
  "members",
  "who",
  "setTopic",
  "moderate",
  "setPrivate",
  "block",
  "blocked",
  "register",
  "setPassword",
  "withdraw",
  "dismiss",
] as const satisfies readonly (keyof Line)[];

export type Method = (typeof METHODS)[number];

/** A line's methods as a tab calls them. */
export type Calls = {
  readonly [M in Method]: (...given: Parameters<Line[M]>) => Promise<Awaited<ReturnType<Line[M]>>>;
};

export type Code =
  | ErrorCode
  | ClientCode
  /** It needs a connection. */
  | "offline"
  /** Another page of this browser has the line now. */
  | "elsewhere"
  /** This browser was logged out. */
  | "left";

export interface Trouble {
  readonly code: Code;
  readonly text: string;
}

/** With what one logs in, where no session is kept. */
export interface Login {
  readonly password?: string;
  /** Makes an account of the password. */
  readonly register?: boolean;
  readonly invite?: string;
}

/** What the line is at; as `LineState`, with an end that can be cloned. */
export type LineStatus =
  | { readonly kind: "connecting"; readonly since?: number; readonly why?: string }
  | { readonly kind: "online"; readonly since: number }
  | {
      readonly kind: "reconnecting";
      readonly since: number;
      readonly at: number;
      readonly why: string;
    }
  | { readonly kind: "offline"; readonly since: number }
  | { readonly kind: "closed"; readonly trouble: Trouble };

/** The outbox after a change. */
export interface OutboxState {
  readonly unsent: readonly Unsent[];
  readonly refused: readonly RefusedSend[];
  readonly settled?: SettledSend;
}

/** As `Settled`, without the error, which is in `refused`. */
export type SettledSend = Pick<Settled, "id" | "outcome"> & {
  readonly seqs?: Readonly<Record<string, number>> | undefined;
  readonly at?: number | undefined;
};

export type FromTab =
  /**
   * First of all. `takeOver`: also when another page has the line. `lock`: one that the page holds as long
   * as it is there, since one that crashes says no bye.
   */
  | {
      readonly kind: "enter";
      readonly name: string;
      readonly login?: Login;
      readonly takeOver?: boolean;
      readonly lock: string | undefined;
    }
  | {
      readonly kind: "call";
      readonly id: number;
      readonly method: Method;
      readonly given: readonly unknown[];
    }
  | { readonly kind: "send"; readonly to: string; readonly body: string }
  | { readonly kind: "read"; readonly with: string; readonly seq: number }
  | { readonly kind: "typing"; readonly to: string }
  | { readonly kind: "retry" }
  /** Whether somebody looks at this tab. */
  | { readonly kind: "looking"; readonly isLooking: boolean }
  /** Forgets everything of this name that is kept in this browser. */
  | { readonly kind: "logOut" }
  | { readonly kind: "bye" };

export type FromHost =
  | { readonly kind: "status"; readonly name: string; readonly status: LineStatus }
  | { readonly kind: "outbox"; readonly outbox: OutboxState }
  /** `isNotified`: this is the tab that notifies, and nobody looks at any. */
  | {
      readonly kind: "deliveries";
      readonly deliveries: readonly Delivery[];
      readonly isNotified: boolean;
    }
  | { readonly kind: "presence"; readonly names: readonly PresentName[] }
  | { readonly kind: "read"; readonly read: LineEvents["read"] }
  | { readonly kind: "typing"; readonly typing: LineEvents["typing"] }
  | { readonly kind: "invited"; readonly invited: LineEvents["invited"] }
  /** A send that is not in the outbox, and why: its text is the tab's again. */
  | {
      readonly kind: "unkept";
      readonly to: string;
      readonly body: string;
      readonly trouble: Trouble;
    }
  | { readonly kind: "lost"; readonly lost: LineEvents["lost"] }
  | { readonly kind: "trouble"; readonly trouble: Trouble }
  | { readonly kind: "answer"; readonly id: number; readonly value: unknown }
  | { readonly kind: "refusal"; readonly id: number; readonly trouble: Trouble };
