// Partyline's line protocol, which the bare relay speaks too.

import type { Dialect } from "./dialect.ts";

export const lineDialect: Dialect = {
  login: (name) => Buffer.from(`${name}\n`),
  message: (to, body) => Buffer.from(`${to.join(",")}: ${body}\n`),
  delivered: (from, _to, body) => Buffer.from(`from ${from}: ${body}\n`),
  refusalByte: "!".charCodeAt(0),
  // A server of this protocol says nothing unasked to somebody who only sends.
  isRefusal: (text) => text !== "",
  strayBytes: 0,
};
