// Work: fills a log through the port with many conversations that go on side by side.

import { type Connection, logIn, openAll } from "../connection.ts";
import type { Dialect } from "../dialects/dialect.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import type { FillOrder, FillResult } from "../job.ts";
import { BODY_BYTES, bodyOf, receiverName, senderName } from "../names.ts";
import { refusalOf } from "../refusal.ts";

/**
 * Messages that a sender has on their way at most: the next write waits for their delivery, so that
 * the log consists of many small blocks, as conversations have, and nothing piles up.
 */
const BURST = 25;

async function converse(
  dialect: Dialect,
  sender: Connection,
  receiver: Connection,
  messages: number,
): Promise<void> {
  const body = bodyOf(BODY_BYTES);
  const line = dialect.message([receiver.name], body);
  const bytes = dialect.delivered(sender.name, receiver.name, body).length;
  let sent = 0;
  let missing = 0;
  sender.onBytes = (text) => {
    throw refusalOf(sender.name, text);
  };
  await new Promise<void>((resolve) => {
    const burst = (): void => {
      const count = Math.min(BURST, messages - sent);
      if (count === 0) {
        resolve();
        return;
      }
      sent += count;
      missing += count * bytes;
      sender.socket.write(Buffer.concat(Array.from({ length: count }, () => line)));
    };
    receiver.onBytes = (piece) => {
      missing -= piece.length;
      if (missing === 0) burst();
    };
    burst();
  });
}

export async function fill(order: FillOrder): Promise<FillResult> {
  const { port, run, conversations, messagesEach } = order;
  const dialect = DIALECTS[order.dialect];
  const start = performance.now();
  const receivers = await openAll(conversations, (index) =>
    logIn(port, dialect, receiverName(run, index)),
  );
  const senders = await openAll(conversations, (index) =>
    logIn(port, dialect, senderName(run, index)),
  );
  await Promise.all(
    senders.map((sender, index) => {
      const receiver = receivers[index];
      if (receiver === undefined) throw new Error("a sender has no receiver");
      return converse(dialect, sender, receiver, messagesEach);
    }),
  );
  await Promise.all([...senders, ...receivers].map((each) => each.close()));
  return {
    messages: conversations * messagesEach,
    seconds: (performance.now() - start) / 1000,
  };
}
