// IRC (RFC 2812), as ngircd speaks it to clients from 127.0.0.1 without DNS and ident.

import type { Dialect } from "./dialect.ts";

export const ircDialect: Dialect = {
  login: (name) => Buffer.from(`NICK ${name}\r\nUSER ${name} 0 * :${name}\r\n`),
  welcome: " 001 ",
  message: (to, body) => Buffer.from(`PRIVMSG ${to.join(",")} :${body}\r\n`),
  delivered: (from, to, body) =>
    Buffer.from(`:${from}!~${from}@127.0.0.1 PRIVMSG ${to} :${body}\r\n`),
  isRefusal: (text) => /^(?::\S+ [45]\d\d |ERROR )/m.test(text),
  strayBytes: 0,
};
