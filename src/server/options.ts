// Every option of the server, once: flags, variables, the configuration file, `--help` and
// `check-config` are all made from this table.

import { isNetwork } from "../listen/clients.ts";
import { isOrigin } from "../listen/origins.ts";
import type { Address } from "./address.ts";
import {
  ADDRESSES,
  choice,
  count,
  duration,
  FILE,
  FOLDER,
  type Kind,
  list,
  OPTIONAL_ADDRESS,
  size,
  SWITCH,
} from "./option-kinds.ts";

/** What the server runs with. Sizes are in bytes, times in milliseconds, 0 is off where it may be. */
export interface ServerConfig {
  readonly listen: readonly Address[];
  readonly tls: "off" | "optional" | "required";
  /** Absolute; "" for none. */
  readonly tlsCert: string;
  readonly tlsKey: string;
  readonly trustedProxy: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly openNames: "on" | "off" | "loopback";
  readonly registration: "open" | "invite" | "closed";
  readonly sessionAge: number;
  /** Null for none of its own. */
  readonly metricsListen: Address | null;
  /** Absolute. */
  readonly data: string;
  readonly durability: "disk" | "process";
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  readonly logFormat: "auto" | "pretty" | "json";
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxLineBytes: number;
  readonly maxRecipients: number;
  readonly maxWaitingMessages: number;
  readonly maxWaitingBytes: number;
  readonly maxUnseenNames: number;
  readonly maxRooms: number;
  readonly maxJoinedRooms: number;
  readonly maxRoomMembers: number;
  /** Messages a second. */
  readonly maxRate: number;
  readonly loginTime: number;
  readonly idleTime: number;
  readonly redeliveryWindow: number;
  readonly shutdownTime: number;
  readonly retentionAge: number;
  readonly retentionSize: number;
  readonly retentionUnconfirmed: "keep" | "remove";
  readonly outboxAge: number;
  readonly search: "on" | "off";
  readonly hints: boolean;
}

export type OptionKey = keyof ServerConfig;

export interface ServerOption<T> {
  readonly kind: Kind<T>;
  /** As it would be written. */
  readonly default: string;
  /** Ends without a full stop; the default is added to it. */
  readonly help: string;
}

/** Node's timers hold no more: about 24 days. */
const LONGEST_TIMER = 24 * 86_400_000;
const TEN_YEARS = 3650 * 86_400_000;
const MANY = 1_000_000_000;
const KIB = 2 ** 10;
const MIB = 2 ** 20;
const TIB = 2 ** 40;

export const OPTIONS: { readonly [K in OptionKey]: ServerOption<ServerConfig[K]> } = {
  listen: {
    kind: ADDRESSES,
    default: "127.0.0.1:8080",
    help: "address to listen on; may be given several times; port 0 picks a free one",
  },
  tls: {
    kind: choice("off", "optional", "required"),
    default: "optional",
    help: "whether clients may, or must, use TLS, for which --tls-cert and --tls-key are needed; required: plain text from this machine only",
  },
  tlsCert: {
    kind: FILE,
    default: "",
    help: "certificate with its chain (PEM); read again at SIGHUP",
  },
  tlsKey: {
    kind: FILE,
    default: "",
    help: "private key of the certificate (PEM); read again at SIGHUP",
  },
  trustedProxy: {
    kind: list("ADDRESS", "an address or a network, such as 127.0.0.1 or 10.0.0.0/8", isNetwork),
    default: "",
    help: "proxy whose word about its clients is taken (PROXY protocol, X-Forwarded-For); may be given several times",
  },
  allowedOrigins: {
    kind: list("ORIGIN", "an origin, such as https://chat.example, or * for all", isOrigin),
    default: "",
    help: "site other than the server's own whose pages may open a WebSocket; may be given several times",
  },
  openNames: {
    kind: choice("on", "off", "loopback"),
    default: "loopback",
    help: "whom a name without a password is given to: everybody, nobody, or clients on this machine",
  },
  registration: {
    kind: choice("open", "invite", "closed"),
    default: "closed",
    help: "who may make an account of the name that he holds: everybody, who has an invitation, or the operator alone",
  },
  sessionAge: {
    kind: duration(0, TEN_YEARS),
    default: "90d",
    help: "end the session of a device that was not used for this long; 0 is off",
  },
  metricsListen: {
    kind: OPTIONAL_ADDRESS,
    default: "",
    help: "address for /metrics and /health alone, which are then not on the others",
  },
  data: {
    kind: FOLDER,
    default: "./partyline-data",
    help: "data folder",
  },
  durability: {
    kind: choice("disk", "process"),
    default: "disk",
    help: "when a message counts as kept: disk survives a power cut, process a crash of the server",
  },
  logLevel: {
    kind: {
      ...choice("trace", "debug", "info", "warn", "error", "fatal", "silent"),
      placeholder: "LEVEL",
    },
    default: "info",
    help: "least level that is logged: trace, debug, info, warn, error, fatal or silent",
  },
  logFormat: {
    kind: choice("auto", "pretty", "json"),
    default: "auto",
    help: "form of the log on stderr; auto: pretty on a terminal, JSON otherwise",
  },
  maxConnections: {
    kind: count(1, 1_000_000),
    default: "16384",
    help: "connections in all",
  },
  maxConnectionsPerAddress: {
    kind: count(1, 1_000_000),
    default: "1024",
    help: "connections from one address; loopback is not counted",
  },
  maxLineBytes: {
    kind: size(256, 16 * MIB),
    default: "64KiB",
    help: "bytes in a line",
  },
  maxRecipients: {
    kind: count(1, 65_536),
    default: "256",
    help: "recipients of a message",
  },
  maxWaitingMessages: {
    kind: count(1, MANY),
    default: "1000000",
    help: "messages that may wait for one name",
  },
  maxWaitingBytes: {
    kind: size(KIB, TIB),
    default: "4GiB",
    help: "bytes of messages that may wait for one name",
  },
  maxUnseenNames: {
    kind: count(0, MANY),
    default: "10000",
    help: "names that never logged in and may have messages waiting",
  },
  maxRooms: {
    kind: count(0, MANY),
    default: "10000",
    help: "rooms in all; the second half of them is for accounts to make",
  },
  maxJoinedRooms: {
    kind: count(1, 10_000),
    default: "500",
    help: "rooms that a name may be in, and as many that it may own",
  },
  maxRoomMembers: {
    kind: count(1, 1_000_000),
    default: "10000",
    help: "members of a room",
  },
  maxRate: {
    kind: count(0, MANY),
    default: "0",
    help: "messages a second from one peer, which is slowed above that; 0 is off",
  },
  loginTime: {
    kind: duration(100, LONGEST_TIMER),
    default: "30s",
    help: "how long a connection may take to say who it is",
  },
  idleTime: {
    kind: duration(0, LONGEST_TIMER),
    default: "0",
    help: "how long a peer may say nothing; 0 is off",
  },
  redeliveryWindow: {
    kind: duration(0, LONGEST_TIMER),
    default: "90s",
    help: "after an abnormal end, what was written within this time and is not known to have arrived is delivered again",
  },
  shutdownTime: {
    kind: duration(0, LONGEST_TIMER),
    default: "10s",
    help: "how long a shutdown waits for peers that read slowly",
  },
  retentionAge: {
    kind: duration(0, TEN_YEARS),
    default: "0",
    help: "remove messages older than this; 0 is off",
  },
  retentionSize: {
    kind: size(0, 1024 * TIB),
    default: "0",
    help: "remove the oldest messages while they take more than this; 0 is off",
  },
  retentionUnconfirmed: {
    kind: choice("keep", "remove"),
    default: "keep",
    help: "whether retention may remove what its recipient has not confirmed",
  },
  outboxAge: {
    kind: duration(0, TEN_YEARS),
    default: "365d",
    help: "forget the outbox of a client that has not used it for this long; 0 is off",
  },
  search: {
    kind: choice("on", "off"),
    default: "on",
    help: "whether messages can be searched, for which an index is kept beside the log",
  },
  hints: {
    kind: SWITCH,
    default: "false",
    help: "print on stderr how to talk to the server with nc",
  },
};

export const OPTION_KEYS = Object.keys(OPTIONS) as readonly OptionKey[];

/** The flag that names the configuration file; it has a variable, and no key in that file. */
export const CONFIG_FLAG = "config";

/** `maxLineBytes` is `max-line-bytes`: the flag without its dashes, and the key in the configuration file. */
export function optionName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxLineBytes` is `PARTYLINE_MAX_LINE_BYTES`. */
export function optionVariable(key: string): string {
  return `PARTYLINE_${optionName(key).replaceAll("-", "_").toUpperCase()}`;
}
