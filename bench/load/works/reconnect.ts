// Work: very many clients of the JSON protocol lose their connections at the same moment, something is
// sent to each of them, and all come back at once.

import { Connection, logIn, openAll } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import { loginFrame, sendFrame } from "../dialects/json.ts";
import type { ReconnectOrder, ReconnectResult } from "../job.ts";
import { BODY_BYTES, bodyOf, receiverName, senderName } from "../names.ts";

const RESUME = /"resume":"([^"]+)"/;

export async function reconnect(order: ReconnectOrder): Promise<ReconnectResult> {
  const { port, run, clients } = order;
  if (order.dialect !== "json") throw new Error("only the JSON protocol resumes");
  const names = Array.from({ length: clients }, (_, index) => receiverName(run, index));
  const logins = await openAll(clients, async (index) => {
    const name = names[index] ?? "";
    const connection = await Connection.open(name, port);
    const welcomed = connection.until((text) => text.includes(DIALECTS.json.welcome ?? ""));
    connection.socket.write(`${loginFrame(name)}\n`);
    const resume = RESUME.exec(await welcomed)?.[1];
    if (resume === undefined) throw new Error(`${name} was not told how to resume`);
    return { connection, again: { login: name, outbox: "bench", resume } };
  });
  for (const { connection } of logins) connection.destroy();

  const sender = await logIn(port, DIALECTS.json, senderName(run, 0));
  const last = `{"accepted":{"send":${clients},`;
  const sent = sender.until((text) => text.includes(last));
  const body = bodyOf(BODY_BYTES);
  sender.socket.write(
    names.map((name, index) => `${sendFrame([name], body, index + 1)}\n`).join(""),
  );
  await sent;

  const start = performance.now();
  const back = await Promise.all(
    logins.map(async ({ again }) => {
      const connection = await Connection.open(again.login, port);
      const caughtUp = connection.until((text) => text.includes(body));
      connection.socket.write(`${JSON.stringify(again)}\n`);
      await caughtUp;
      return connection;
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of [...back, sender]) connection.destroy();
  return { seconds };
}
