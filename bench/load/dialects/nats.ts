// The NATS client protocol: a name is a subject that its client subscribes to.

import type { Dialect } from "./dialect.ts";

export const natsDialect: Dialect = {
  login: (name) =>
    Buffer.from(`CONNECT {"verbose":false,"pedantic":false,"echo":true}\r\nSUB ${name} 1\r\n`),
  message: (to, body) =>
    Buffer.from(to.map((subject) => `PUB ${subject} ${body.length}\r\n${body}\r\n`).join("")),
  delivered: (_from, to, body) => Buffer.from(`MSG ${to} 1 ${body.length}\r\n${body}\r\n`),
  isRefusal: (text) => text.includes("-ERR"),
  // The server sends one PING, two seconds after the login, to learn the round trip.
  strayBytes: "PING\r\n".length,
};
