// Work: somebody tries wrong passwords, as fast as he is told to and however they are answered, until the
// work is asked to end.

import { connect, type Socket } from "node:net";
import { setPriority } from "node:os";
import type { GuessOrder, GuessResult, Orderer } from "../job.ts";
import { receiverName } from "../names.ts";

/** How often what is due is looked at, in milliseconds. */
const EVERY_MS = 6;

export async function guess(order: GuessOrder, { reached, stop }: Orderer): Promise<GuessResult> {
  // What is measured beside it is the server, and not who has the processor.
  setPriority(19);
  const { port, run, perSecond, addresses } = order;
  const name = receiverName(run, 0);
  const codes: Record<string, number> = {};
  let guesses = 0;
  const open = new Set<Socket>();
  let closed: (() => void) | undefined;

  function one(): void {
    const address = addresses === 1 ? "127.0.0.1" : `127.0.1.${1 + (guesses % addresses)}`;
    guesses += 1;
    const socket = connect({ port, host: "127.0.0.1", localAddress: address });
    open.add(socket);
    let said = "";
    socket.on("data", (bytes) => (said += bytes.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => {
      const code = said.split(" ")[1] ?? "none";
      codes[code] = (codes[code] ?? 0) + 1;
      open.delete(socket);
      closed?.();
    });
    socket.write(`${name}:wrong ${guesses}\n`);
  }

  const start = performance.now();
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) / 1000) * perSecond);
      while (guesses < due) one();
      // By then every place in the queue is taken, and what is tried is refused.
      if (guesses > perSecond) reached("guessing");
      if (!stop.aborted) return;
      clearInterval(timer);
      resolve();
    }, EVERY_MS);
  });
  const seconds = (performance.now() - start) / 1000;
  while (open.size > 0) await new Promise<void>((resolve) => (closed = resolve));
  return { seconds, guesses, codes };
}
