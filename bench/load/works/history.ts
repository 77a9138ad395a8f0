// Work: peers open the last messages of conversations that a fill has left, and time the answers.

import { type Connection, logIn, openAll } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import type { HistoryOrder, Percentiles } from "../job.ts";
import { receiverName, senderName } from "../names.ts";
import { percentilesOf } from "../percentiles.ts";

export async function history(order: HistoryOrder): Promise<Percentiles> {
  const { port, run, conversations, peers, length } = order;
  // Spread over the whole log, not only its newest or its oldest part.
  const conversationOf = (peer: number): number => Math.floor((peer * conversations) / peers);
  const connections = await openAll(peers, (peer) =>
    logIn(port, DIALECTS[order.dialect], receiverName(run, conversationOf(peer))),
  );
  const times: number[] = [];
  for (let ask = 0; ask < order.asks; ask += 1) {
    const peer = ask % peers;
    const connection = connections[peer];
    if (connection === undefined) throw new Error("no such peer");
    times.push(await open(connection, senderName(run, conversationOf(peer)), length));
  }
  await Promise.all(connections.map((each) => each.close()));
  return percentilesOf(times);
}

/** Microseconds from the question to the last line of the answer, each of which begins with `* `. */
async function open(connection: Connection, name: string, length: number): Promise<number> {
  const answer = connection.until((text) => {
    const lines = text.split("\n");
    const refusal = lines.find((line) => line.startsWith("!"));
    if (refusal !== undefined) throw new Error(`/history was answered: ${refusal}`);
    return lines.length > length;
  });
  const start = performance.now();
  connection.socket.write(`/history ${name} ${length}\n`);
  const text = await answer;
  const time = (performance.now() - start) * 1000;
  const lines = text.split("\n").slice(0, length);
  const other = lines.find((line) => !line.startsWith("* "));
  if (other !== undefined) throw new Error(`/history was answered: ${other.slice(0, 200)}`);
  return time;
}
