// What a peer is told beside the log: it has no seq, is kept nowhere, and whoever misses it misses it.

export interface PresentName {
  /** As shown. */
  readonly name: string;
  readonly online: boolean;
  /** Since when, in ms since 1970. */
  readonly since: number;
}

export type Notice =
  /** Retention has removed what it was due: see `Login.lost`. */
  | { readonly kind: "lost"; readonly from: number; readonly to: number }
  /** Another peer of its name has read a conversation up to a seq. */
  | { readonly kind: "read"; readonly with: string; readonly seq: number }
  /** Somebody is writing to it, or in a room. */
  | { readonly kind: "typing"; readonly from: string; readonly to: string }
  /** It may join a private room. */
  | { readonly kind: "invited"; readonly room: string; readonly by: string }
  /** Who has come or gone of those that it shares a conversation with. */
  | { readonly kind: "presence"; readonly names: readonly PresentName[] };
