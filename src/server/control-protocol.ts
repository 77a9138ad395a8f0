// What is said through the control socket: one JSON object a line, requests one way, answers the other.

import type { ToldAccount } from "../accounts/told.ts";
import type { LogStatus } from "../log/log.ts";

export type ControlRequest =
  | { readonly request: "status" }
  /** `file` is absolute: the two sides may have different working folders. */
  | { readonly request: "backup"; readonly file: string }
  | UserRequest;

export const USER_ACTIONS = [
  "add",
  "passwd",
  "remove",
  "release",
  "list",
  "token",
  "invite",
] as const;

/** What concerns accounts. The socket is for the server's own user: passwords may pass. */
export interface UserRequest {
  readonly request: "user";
  readonly action: (typeof USER_ACTIONS)[number];
  readonly name?: string;
  readonly password?: string;
  /** Of a token. */
  readonly label?: string;
  /** Whether the token is to be revoked. */
  readonly revoke?: boolean;
  /** Whether the account that is added gets what is stored under its name. */
  readonly takeOver?: boolean;
}

export interface UserAnswer {
  readonly accounts?: readonly ToldAccount[];
  /** A token or an invitation that was made. */
  readonly secret?: string;
}

export function isUserRequest(value: object): value is UserRequest {
  const fields = value as Partial<Record<string, unknown>>;
  const { action, name, password, label, revoke, takeOver } = fields;
  return (
    (USER_ACTIONS as readonly unknown[]).includes(action) &&
    [name, password, label].every(isTextOrNothing) &&
    [revoke, takeOver].every((flag) => flag === undefined || typeof flag === "boolean")
  );
}

/** Any number of `progress` (from 0 to 1), then one of the others. */
export type ControlAnswer =
  | { readonly progress: number }
  | { readonly status: ServerStatus }
  | { readonly backup: BackupDone }
  | { readonly user: UserAnswer }
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

function isTextOrNothing(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

/** Characters that a request may have: a path and a little more. */
export const MAX_REQUEST_LENGTH = 64 * 1024;
