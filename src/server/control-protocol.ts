// What is said through the control socket: one JSON object a line, requests one way, answers the other.

import type { LogStatus } from "../log/log.ts";

export type ControlRequest =
  | { readonly request: "status" }
  /** `file` is absolute: the two sides may have different working folders. */
  | { readonly request: "backup"; readonly file: string };

/** Any number of `progress` (from 0 to 1), then one of the others. */
export type ControlAnswer =
  | { readonly progress: number }
  | { readonly status: ServerStatus }
  | { readonly backup: BackupDone }
  | { readonly error: string };

export interface ServerStatus {
  readonly version: string;
  readonly pid: number;
  /** Milliseconds since the server was ready. */
  readonly uptime: number;
  /** As in the lines `listening on …`. */
  readonly addresses: readonly string[];
  readonly log: LogStatus;
  /** Why the log cannot be written at the moment; null when it can. */
  readonly unavailable: string | null;
  /** Connections that are open, logged in or not. */
  readonly connections: number;
  /** The names that are connected, as shown. */
  readonly connected: readonly string[];
}

export interface BackupDone {
  readonly file: string;
  readonly bytes: number;
}

/** Characters that a request may have: a path and a little more. */
export const MAX_REQUEST_LENGTH = 64 * 1024;
