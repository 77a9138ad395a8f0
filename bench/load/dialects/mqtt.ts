// MQTT 3.1.1 at QoS 0: a name is a topic that its client subscribes to.

import type { Dialect } from "./dialect.ts";

const CONNECT = 0x10;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x82;
const CLEAN_SESSION = 0x02;
const KEEP_ALIVE_SECONDS = 600;

/** A string with its length in two bytes (section 1.5.3). */
function field(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

/** A packet with its remaining length in seven-bit groups (section 2.2.3). */
function packet(type: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const header = [type];
  let rest = content.length;
  do {
    header.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(header), content]);
}

function publish(topic: string, body: string): Buffer {
  return packet(PUBLISH, field(topic), Buffer.from(body));
}

export const mqttDialect: Dialect = {
  login: (name) => {
    const options = [4, CLEAN_SESSION, KEEP_ALIVE_SECONDS >> 8, KEEP_ALIVE_SECONDS & 0xff];
    return Buffer.concat([
      packet(CONNECT, field("MQTT"), Buffer.from(options), field(name)),
      packet(SUBSCRIBE, Buffer.from([0, 1]), field(name), Buffer.from([0])),
    ]);
  },
  message: (to, body) => Buffer.concat(to.map((topic) => publish(topic, body))),
  delivered: (_from, to, body) => publish(to, body),
  isRefusal: () => false,
  strayBytes: 0,
};
