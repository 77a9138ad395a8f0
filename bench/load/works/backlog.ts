// Work: a peer is away while very many messages are sent to it, comes back, and catches up.

import { Connection, logIn, sendToOneself } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import type { BacklogOrder, BacklogResult } from "../job.ts";
import { BODY_BYTES, bodyOf, receiverName, senderName } from "../names.ts";
import { refusalOf } from "../refusal.ts";

/** Messages of one write; divides what is ordered. */
const CHUNK_MESSAGES = 1000;

export async function backlog(order: BacklogOrder): Promise<BacklogResult> {
  const { port, run, messages } = order;
  const dialect = DIALECTS[order.dialect];
  const name = receiverName(run, 0);
  const body = bodyOf(BODY_BYTES);
  const away = await logIn(port, dialect, name);
  await away.close();

  const sender = await logIn(port, dialect, senderName(run, 0));
  const line = dialect.message([name], body);
  const chunk = Buffer.concat(Array.from({ length: CHUNK_MESSAGES }, () => line));
  sender.onBytes = (bytes) => {
    throw refusalOf("the sender", bytes);
  };
  const chunks = messages / CHUNK_MESSAGES;
  for (let sent = 0; sent < chunks; sent += 1) {
    await new Promise((resolve) => {
      sender.socket.write(chunk, resolve);
    });
  }
  await sendToOneself(sender, dialect);
  await sender.close();

  const expectedBytes = messages * dialect.delivered(sender.name, name, body).length;
  const start = performance.now();
  const receiver = await Connection.open(name, port);
  let received = 0;
  await new Promise<void>((resolve) => {
    receiver.onBytes = (bytes) => {
      if (bytes.includes("!")) throw refusalOf("it", bytes);
      received += bytes.length;
      if (received >= expectedBytes) resolve();
    };
    receiver.socket.write(dialect.login(name));
  });
  const seconds = (performance.now() - start) / 1000;
  await receiver.close();
  if (received !== expectedBytes) {
    throw new Error(`${received} bytes arrived of ${expectedBytes} that were waiting`);
  }
  return { messagesPerSecond: messages / seconds };
}
