// The protocols that the load generator speaks.

import type { Dialect } from "./dialect.ts";
import { ircDialect } from "./irc.ts";
import { jsonDialect } from "./json.ts";
import { lineDialect } from "./line.ts";
import { mqttDialect } from "./mqtt.ts";
import { natsDialect } from "./nats.ts";
import { webSocketDialect } from "./websocket.ts";

export type DialectName = "line" | "json" | "websocket" | "irc" | "nats" | "mqtt";

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = {
  line: lineDialect,
  json: jsonDialect,
  websocket: webSocketDialect,
  irc: ircDialect,
  nats: natsDialect,
  mqtt: mqttDialect,
};
