// Work: two peers answer each other, one message at a time; a round is there and back.

import { type Connection, logIn } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import type { Percentiles, PingPongOrder } from "../job.ts";
import { BODY_BYTES, bodyOf, receiverName, senderName } from "../names.ts";
import { percentilesOf } from "../percentiles.ts";

/** Calls `then` each time that as many bytes as one message has came. */
function onEachMessage(connection: Connection, bytes: number, then: () => void): void {
  let missing = bytes;
  connection.onBytes = (piece) => {
    missing -= piece.length;
    if (missing > 0) return;
    missing = bytes;
    then();
  };
}

export async function pingPong(order: PingPongOrder): Promise<Percentiles> {
  const dialect = DIALECTS[order.dialect];
  const ping = await logIn(order.port, dialect, senderName(order.run, 0));
  const pong = await logIn(order.port, dialect, receiverName(order.run, 0));
  const body = bodyOf(BODY_BYTES);
  const there = dialect.message([pong.name], body);
  const back = dialect.message([ping.name], body);
  const messageBytes = dialect.delivered(ping.name, pong.name, body).length;
  const rounds: number[] = [];

  await new Promise<void>((resolve) => {
    let round = 0;
    let start = performance.now();
    let end = Number.POSITIVE_INFINITY;
    onEachMessage(pong, messageBytes, () => pong.socket.write(back));
    onEachMessage(ping, messageBytes, () => {
      const now = performance.now();
      round += 1;
      if (round === order.warmRounds) end = now + order.seconds * 1000;
      if (round > order.warmRounds) rounds.push((now - start) * 1000);
      if (now > end) {
        resolve();
        return;
      }
      start = performance.now();
      ping.socket.write(there);
    });
    ping.socket.write(there);
  });

  ping.destroy();
  pong.destroy();
  return percentilesOf(rounds);
}
