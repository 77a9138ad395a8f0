// What the system knows about a connection's bytes: the rows of Linux's TCP table, which tell how
// much the other side's system has not acknowledged yet, and whether it still answers at all.

import { Buffer } from "node:buffer";
import { closeSync, openSync, readSync } from "node:fs";
import type { Socket } from "node:net";
import { endianness } from "node:os";
import { setImmediate } from "node:timers/promises";

/** One connection's row; `docs/tcp.md` says what the fields show, and when. */
export interface TcpRow {
  /** Bytes that were handed to the system and are not acknowledged; our FIN is not one of them. */
  readonly unacked: number;
  /** As the table has it: see `TCP_STATE`. */
  readonly state: number;
  /** How often the oldest unacknowledged bytes were sent again since anything was acknowledged. */
  readonly retransmits: number;
  /** The other side has no room, and its system is asked now and then whether it has some again. */
  readonly probing: boolean;
  /** Questions since its system last answered one. */
  readonly probes: number;
}

export const TCP_STATE = {
  established: 1,
  finWait1: 4,
  finWait2: 5,
  timeWait: 6,
  closeWait: 8,
  lastAck: 9,
  closing: 11,
} as const;

export interface TcpTable {
  /**
   * Looks for connections. One read at a time.
   * @param wanted by `tcpKey`; must not change meanwhile
   * @returns what was seen of them; undefined where the system does not tell such things
   * @throws the system's error
   */
  read(wanted: ReadonlyMap<string, unknown>): Promise<Map<string, TcpRow> | undefined>;
  /** Not while it reads. */
  close(): void;
}

/** The files, and how long the two addresses are in their rows. */
const FILES = [
  { path: "/proc/self/net/tcp", keyLength: 27 },
  { path: "/proc/self/net/tcp6", keyLength: 75 },
] as const;

/** The system gives one page at a time, as many rows as fit in; the largest pages have 64 KiB. */
const BUFFER_BYTES = 64 * 1024;

/** Such steps in one turn of the event loop: about 400 rows, and 2 ms. */
const STEPS_PER_TURN = 16;

/** Its timer field while the other side has no room. */
const PROBE_TIMER = 4;

/** The fields of no fixed width: user, unanswered probes, inode, and later the congestion window. */
const TAIL = / *\d+ +(\d+) +(\d+)(?: \S+ \S+ \d+ \d+ \d+ (\d+))?/y;

/** States in which our FIN is out and not acknowledged. */
const FIN_IS_OUT = new Set<number>([TCP_STATE.finWait1, TCP_STATE.lastAck, TCP_STATE.closing]);

const ZERO = "0".charCodeAt(0);
const A = "A".charCodeAt(0);

const IS_LITTLE_ENDIAN = endianness() === "LE";

/**
 * Opens the table, where there is one. It stays open: with all descriptors taken by clients that
 * end, it is needed most.
 */
export function openTcpTable(): TcpTable | undefined {
  const files = FILES.flatMap(({ path, keyLength }) => {
    const fd = openIfThere(path);
    return fd === undefined ? [] : [{ fd, keyLength }];
  });
  if (files.length === 0) return undefined;
  const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  return {
    async read(wanted) {
      const found = new Map<string, TcpRow>();
      for (const { fd, keyLength } of files) {
        let missing = 0;
        for (const key of wanted.keys()) if (key.length === keyLength) missing++;
        let rest = "";
        let steps = 0;
        for (let position = 0; missing > 0;) {
          // A turn of the event loop for each step would make a look slow just when it is urgent.
          if (steps++ % STEPS_PER_TURN === 0) await setImmediate();
          const bytesRead = readSync(fd, buffer, 0, buffer.length, position);
          if (bytesRead === 0) break;
          position += bytesRead;
          const text = rest + buffer.toString("latin1", 0, bytesRead);
          const end = text.lastIndexOf("\n") + 1;
          rest = text.slice(end);
          const before = found.size;
          if (!parseTcpRows(text.slice(0, end), keyLength, wanted, found)) return undefined;
          missing -= found.size - before;
        }
      }
      return found;
    },
    close() {
      for (const { fd } of files.splice(0)) closeSync(fd);
    },
  };
}

/**
 * The two addresses of a connection, as its row has them.
 * @returns "" when it has none any more: it was reset, or closed
 */
export function tcpKey(
  socket: Pick<Socket, "localAddress" | "localPort" | "remoteAddress" | "remotePort">,
): string {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (localAddress === undefined || remoteAddress === undefined) return "";
  return `${endpoint(localAddress, localPort)} ${endpoint(remoteAddress, remotePort)}`;
}

/**
 * Adds the wanted rows among these whole lines to `found`.
 * @returns false when the rows are made up: what imitates Linux (gVisor) fills in zeros
 */
export function parseTcpRows(
  lines: string,
  keyLength: number,
  wanted: ReadonlyMap<string, unknown>,
  found: Map<string, TcpRow>,
): boolean {
  for (let start = 0, end = 0; (end = lines.indexOf("\n", start)) >= 0; start = end + 1) {
    // Before the first colon is the row's number, as wide as it needs; the header has none.
    const keyAt = lines.indexOf(":", start) + 2;
    const key = lines.slice(keyAt, keyAt + keyLength);
    if (!wanted.has(key)) continue;
    const at = keyAt + keyLength;
    TAIL.lastIndex = at + 43;
    const [, probes, inode, window] = TAIL.exec(lines) ?? [];
    if (window === "0") return false;
    // Not a socket of ours (any more): one that waits to be accepted, from the same address.
    if (inode === "0") continue;
    const state = hexAt(lines, at + 1, 2);
    const unacked = hexAt(lines, at + 4, 8);
    found.set(key, {
      unacked: FIN_IS_OUT.has(state) ? Math.max(0, unacked - 1) : unacked,
      state,
      retransmits: hexAt(lines, at + 34, 8),
      probing: hexAt(lines, at + 22, 2) === PROBE_TIMER,
      probes: Number(probes),
    });
  }
  return true;
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch {
    // Not Linux, or without IPv6, or not for us to see: then it does not tell.
    return undefined;
  }
}

function endpoint(address: string, port = 0): string {
  const bytes = address.includes(":") ? ipv6Bytes(address) : address.split(".").map(Number);
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    // Words of 32 bits, shown as the numbers that they are to this machine.
    const word = bytes.slice(at, at + 4);
    for (const byte of IS_LITTLE_ENDIAN ? word.toReversed() : word) text += hex(byte, 2);
  }
  return `${text}:${hex(port, 4)}`;
}

function ipv6Bytes(address: string): number[] {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const front = groupBytes(head);
  const back = groupBytes(tail ?? "");
  const zeros = Math.max(0, 16 - front.length - back.length);
  return [...front, ...Array<number>(zeros).fill(0), ...back];
}

function groupBytes(groups: string): number[] {
  return groups.split(":").flatMap((group) => {
    if (group === "") return [];
    if (group.includes(".")) return group.split(".").map(Number);
    const value = parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function hexAt(text: string, at: number, digits: number): number {
  let value = 0;
  for (let index = at; index < at + digits; index++) {
    const code = text.charCodeAt(index);
    value = value * 16 + code - (code < A ? ZERO : A - 10);
  }
  return value;
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, "0");
}
