// A process that tries wrong passwords for alice, ten thousand a minute, from one address or from two hundred.
// It begins when it is told to, and says at each hundred what was said to it so far.

import { connect } from "node:net";
import { setPriority } from "node:os";

/** Ten thousand a minute, in ms. */
const EVERY = 6;

/** How often each code came so far. */
export type Guessed = Readonly<Record<string, number>>;

// What is measured meanwhile is the server, and not who has the processor.
setPriority(19);
const [port = "", addresses = ""] = process.argv.slice(2);
const codes: Record<string, number> = {};
let guesses = 0;

function guess(): void {
  guesses += 1;
  const localAddress = addresses === "many" ? `127.0.1.${1 + (guesses % 200)}` : "127.0.0.1";
  const socket = connect({ port: Number(port), host: "127.0.0.1", localAddress });
  let said = "";
  socket.on("data", (bytes) => (said += bytes.toString()));
  socket.on("error", () => {});
  socket.on("close", () => {
    const code = said.split(" ")[1] ?? "none";
    codes[code] = (codes[code] ?? 0) + 1;
  });
  socket.write(`alice:wrong horse ${guesses}\n`);
  if (guesses % 100 === 0) process.send?.(codes);
}

/** Guesses `count` times. Who has no time for a while makes up for it. */
process.on("message", (count: number) => {
  const last = guesses + count;
  const first = guesses;
  const began = performance.now();
  const timer = setInterval(() => {
    const due = first + Math.floor((performance.now() - began) / EVERY);
    while (guesses < Math.min(due, last)) guess();
    if (guesses === last) clearInterval(timer);
  }, EVERY);
});
