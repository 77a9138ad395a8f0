// Work: very many members of one room, a steady stream of messages into it, and the time until each of
// them has each.

import { setTimeout as delay } from "node:timers/promises";
import { type Connection, logIn, openAll } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import { sendFrame } from "../dialects/json.ts";
import type { Percentiles, RoomOrder } from "../job.ts";
import { BODY_BYTES, receiverName, senderName } from "../names.ts";
import { percentilesOf } from "../percentiles.ts";

/** A body is the time at which it was sent: nothing else that comes looks like it. */
const SENT_AT = /\d{27}\.\d{4}/g;

/** Bytes that are kept of a piece, so that a body which is cut in two is found in the next one. */
const KEPT = BODY_BYTES - 1;

const SEQ = /"seq":(\d+),/g;

interface Speech {
  readonly join: (room: string) => string;
  readonly message: (room: string, body: string, number: number) => string;
  readonly joined: string;
}

const SPEECHES: Readonly<Record<"line" | "json", Speech>> = {
  line: {
    join: (room) => `/join ${room}\n`,
    message: (room, body) => `${room}: ${body}\n`,
    joined: "* ",
  },
  json: {
    join: (room) => `{"join":"${room}"}\n`,
    message: (room, body, number) => `${sendFrame([room], body, number)}\n`,
    joined: '"joined"',
  },
};

async function enter(order: RoomOrder, name: string, room: string): Promise<Connection> {
  const { dialect } = order;
  if (dialect !== "line" && dialect !== "json") throw new Error("rooms are Partyline's");
  const connection = await logIn(order.port, DIALECTS[dialect], name);
  const entered = connection.until((text) => text.includes(SPEECHES[dialect].joined));
  connection.socket.write(SPEECHES[dialect].join(room));
  await entered;
  return connection;
}

export async function room(order: RoomOrder): Promise<Percentiles> {
  const { run, members, perSecond, seconds } = order;
  const place = `#room${run}`;
  const { message } = SPEECHES[order.dialect === "json" ? "json" : "line"];
  const receivers = await openAll(members, (index) =>
    enter(order, receiverName(run, index), place),
  );
  const sender = await enter(order, senderName(run, 0), place);
  let times: number[] = [];
  let expected = members;
  let allCame = Promise.withResolvers<void>();
  for (const receiver of receivers) {
    let rest = "";
    receiver.onBytes = (bytes) => {
      const now = performance.now();
      const text = rest + bytes.toString("latin1");
      rest = text.slice(-KEPT);
      for (const [sentAt] of text.matchAll(SENT_AT)) times.push(now - Number(sentAt));
      if (order.dialect === "json") acknowledge(receiver, text);
      if (times.length === expected) allCame.resolve();
    };
  }
  let number = 0;
  const say = (): void => {
    number += 1;
    const body = performance.now().toFixed(4).padStart(BODY_BYTES, "0");
    sender.socket.write(message(place, body, number));
  };
  sender.onBytes = () => undefined;
  // The first one tells when they have heard of each other's joins.
  say();
  await allCame.promise;
  times = [];
  expected = Infinity;
  allCame = Promise.withResolvers();
  const timer = setInterval(say, 1000 / perSecond);
  await delay(seconds * 1000 - 500 / perSecond);
  clearInterval(timer);
  expected = members * (number - 1);
  if (times.length < expected) await allCame.promise;
  for (const connection of [...receivers, sender]) connection.destroy();
  return percentilesOf(times);
}

/** Once a piece, up to the last seq in it: a join's counts too. */
function acknowledge(receiver: Connection, text: string): void {
  const seq = [...text.matchAll(SEQ)].at(-1)?.[1];
  if (seq !== undefined) receiver.socket.write(`{"ack":${seq}}\n`);
}
