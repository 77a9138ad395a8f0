// Work: very many clients of the JSON protocol lose their connections at the same moment, something is
// sent to each of them, and all come back at once.

import { Connection, logIn, openAll } from "../connection.ts";
import { DIALECTS } from "../dialects/dialects.ts";
import { sendFrame } from "../dialects/json.ts";
import type { ReconnectOrder, ReconnectResult } from "../job.ts";
import { BODY_BYTES, bodyOf, receiverName, senderName } from "../names.ts";

const WELCOME = '{"welcome":';
const RESUME = /"resume":"([^"]+)"/;
const TOKEN = /\{"token":\{"label":"[^"]*","token":"([^"]+)"/;

const PASSWORD = "correct horse battery staple";

/** What a client logs in with, and who it then is. */
interface LoginFrame {
  readonly login: string;
  readonly outbox: string;
  readonly token?: string;
  readonly resume?: string;
}

export async function reconnect(order: ReconnectOrder): Promise<ReconnectResult> {
  const { port, run, clients, devices } = order;
  if (order.dialect !== "json") throw new Error("only the JSON protocol resumes");
  const names = Array.from({ length: Math.floor(clients / devices) }, (_, index) =>
    receiverName(run, index),
  );
  const isOpen = devices === 1;
  const first = isOpen
    ? names.map((login): LoginFrame => ({ login, outbox: "bench" }))
    : await makeAccounts(port, names, devices);
  const logins = await openAll(first.length, async (index) => {
    const frame = first[index] as LoginFrame;
    const connection = await Connection.open(frame.login, port);
    const resume = RESUME.exec(await ask(connection, frame, WELCOME))?.[1];
    if (resume === undefined) throw new Error(`${frame.login} was not told how to resume`);
    return { connection, again: { ...frame, resume } };
  });
  for (const { connection } of logins) connection.destroy();

  const sender = await logIn(port, DIALECTS.json, senderName(run, 0));
  const sent = sender.until((text) => text.includes(`{"accepted":{"send":${names.length},`));
  const body = bodyOf(BODY_BYTES);
  const sends = names.map((name, index) => `${sendFrame([name], body, index + 1)}\n`);
  sender.socket.write(sends.join(""));
  await sent;

  const start = performance.now();
  const back = await Promise.all(
    logins.map(async ({ again }) => {
      const connection = await Connection.open(again.login, port);
      await ask(connection, again, body);
      return connection;
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of [...back, sender]) connection.destroy();
  return { seconds };
}

/**
 * Makes an account of each name, with a token for each of its devices. A password costs the server a
 * hash, a token none.
 */
async function makeAccounts(
  port: number,
  names: readonly string[],
  devices: number,
): Promise<LoginFrame[]> {
  const logins: LoginFrame[] = [];
  for (const [index, login] of names.entries()) {
    // Registrations from one address are counted as tries of a password.
    const connection = await Connection.open(login, port, `127.0.1.${1 + (index % 250)}`);
    await ask(connection, { login, outbox: "bench" }, WELCOME);
    await ask(connection, { register: PASSWORD, id: 0 }, '{"ok":');
    for (let device = 0; device < devices; device += 1) {
      const label = `device ${device}`;
      const token = TOKEN.exec(await ask(connection, { token: label }, '{"token":'))?.[1];
      if (token === undefined) throw new Error(`${login} got no token`);
      logins.push({ login, outbox: label, token });
    }
    connection.destroy();
  }
  return logins;
}

/** Says a frame, and resolves with all that came when `answer` is in it. */
async function ask(connection: Connection, frame: object, answer: string): Promise<string> {
  const answered = connection.until((text) => {
    if (text.includes('{"error":')) throw new Error(`${connection.name} was told: ${text}`);
    return text.includes(answer);
  });
  connection.socket.write(`${JSON.stringify(frame)}\n`);
  return await answered;
}
