// What a proxy says before the first byte of its client: HAProxy's PROXY protocol, versions 1 and 2
// (https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt).

import type { Buffer } from "node:buffer";
import { isIP } from "node:net";

export interface ProxyHeader {
  /** Its bytes; what follows is the client's. 0 when there is none. */
  readonly length: number;
  /** Where the client is; undefined when the proxy does not say, or says that it speaks for itself. */
  readonly address?: string;
  /** Whether the client's connection to the proxy is TLS. Only version 2 can tell. */
  readonly isSecure?: boolean;
}

const V1_SIGN = "PROXY ";
const V2_SIGN = "\r\n\r\n\0\r\nQUIT\n";

/** The longest header of version 1, with its end (2.1). */
const V1_MOST = 107;

/** Before the addresses of version 2: the sign, version and command, family, length (2.2). */
const V2_HEAD = 16;

/** Proxies add what they like to version 2; more than this, in bytes, is none. */
const V2_MOST = 4096;

const V2_LOCAL = 0x20;
const V2_PROXY = 0x21;

/** Family and length of its two addresses and ports. */
const TCP4 = { family: 0x11, addresses: 12 };
const TCP6 = { family: 0x21, addresses: 36 };

/** Before a field's value: its type, and its length (2.2.1). */
const FIELD_HEAD = 3;

/** PP2_TYPE_SSL, whose first byte has PP2_CLIENT_SSL (2.2.5). */
const TLS_FIELD = 0x20;
const CLIENT_TLS = 1;

/**
 * @param bytes what a connection begins with
 * @returns undefined while more bytes are needed, "bad" when it cannot be one any more
 */
export function parseProxyHeader(bytes: Buffer): ProxyHeader | "bad" | undefined {
  const start = bytes.toString("latin1", 0, V2_SIGN.length);
  if (start.startsWith(V1_SIGN)) return parseV1(bytes);
  if (start === V2_SIGN) return parseV2(bytes);
  const mayBecome = V1_SIGN.startsWith(start) || V2_SIGN.startsWith(start);
  return mayBecome ? undefined : { length: 0 };
}

/** `PROXY TCP4 192.0.2.1 192.0.2.2 4711 8080\r\n` */
function parseV1(bytes: Buffer): ProxyHeader | "bad" | undefined {
  const text = bytes.toString("latin1", 0, V1_MOST);
  const end = text.indexOf("\r\n");
  if (end < 0) return text.length < V1_MOST ? undefined : "bad";
  const length = end + 2;
  const [, protocol, from = "", , port] = text.slice(0, end).split(" ");
  if (protocol === "UNKNOWN") return { length };
  const family = protocol === "TCP4" ? 4 : protocol === "TCP6" ? 6 : -1;
  return isIP(from) === family && port !== undefined ? { length, address: from } : "bad";
}

function parseV2(bytes: Buffer): ProxyHeader | "bad" | undefined {
  if (bytes.length < V2_HEAD) return undefined;
  const command = bytes.readUInt8(12);
  const family = bytes.readUInt8(13);
  const size = bytes.readUInt16BE(14);
  const length = V2_HEAD + size;
  if (length > V2_MOST || (command !== V2_LOCAL && command !== V2_PROXY)) return "bad";
  if (bytes.length < length) return undefined;
  if (command === V2_LOCAL) return { length };
  const kind = [TCP4, TCP6].find((one) => one.family === family);
  if (kind === undefined) return { length };
  if (size < kind.addresses) return "bad";
  const content = bytes.subarray(V2_HEAD, length);
  const isSecure = saysTls(content.subarray(kind.addresses));
  if (isSecure === undefined) return "bad";
  const address = kind === TCP4 ? formatIPv4(content) : formatIPv6(content);
  return { length, address, isSecure };
}

/** The fields: type, length in two bytes, value. @returns undefined when one goes beyond the header */
function saysTls(fields: Buffer): boolean | undefined {
  let isTls = false;
  for (let at = 0; at < fields.length;) {
    const valueAt = at + FIELD_HEAD;
    if (valueAt > fields.length) return undefined;
    const end = valueAt + fields.readUInt16BE(at + 1);
    if (end > fields.length) return undefined;
    const [flags = 0] = fields.subarray(valueAt, end);
    if (fields.readUInt8(at) === TLS_FIELD) isTls = (flags & CLIENT_TLS) !== 0;
    at = end;
  }
  return isTls;
}

function formatIPv4(bytes: Buffer): string {
  return bytes.subarray(0, 4).join(".");
}

function formatIPv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(2 * at).toString(16));
  return groups.join(":");
}
